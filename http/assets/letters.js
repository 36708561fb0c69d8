// Texts as letters that can be compared, as the server folds them: Latin loses case and accents,
// a Korean syllable becomes the letters that it is typed with, so that a syllable that is still
// being typed begins the finished one (미 → 민지).

const LEADING = "ㄱ ㄲ ㄴ ㄷ ㄸ ㄹ ㅁ ㅂ ㅃ ㅅ ㅆ ㅇ ㅈ ㅉ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" ");
const VOWELS = "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ".split(" ");
const TRAILING =
  "ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" ");
const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
const SYLLABLES_OF_AN_INITIAL = 21 * 28;

export function letters(text) {
  let folded = "";
  for (const sign of text.normalize("NFKD").toLowerCase()) {
    const code = sign.codePointAt(0);
    const spelled = LEADING[code - 0x1100] ?? VOWELS[code - 0x1161] ?? TRAILING[code - 0x11a8];
    if (spelled) folded += spelled;
    else if (!/\p{M}/u.test(sign)) folded += sign;
  }
  return folded;
}

// 살인 → ㅅㅇ
export function initials(text) {
  let folded = "";
  for (const sign of text.normalize("NFC").toLowerCase()) {
    const code = sign.codePointAt(0);
    const isSyllable = code >= FIRST_SYLLABLE && code <= LAST_SYLLABLE;
    folded += isSyllable ? LEADING[Math.floor((code - FIRST_SYLLABLE) / SYLLABLES_OF_AN_INITIAL)] : sign;
  }
  return folded;
}

export function endsInKorean(text) {
  return /[가-힣]$/u.test(text);
}
