// A message's Markdown as nodes, never as HTML: emphasis, code, links, line breaks. What else the
// server knows of Markdown shows once the page is loaded again.

const PIECES =
  /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*|~~([^~\n]+)~~|\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>]*[^\s<>.,;:!?)'"])/u;

// Where a name ends: in Latin script with its word; Korean particles follow without a space.
const NAME_ENDS = "(?!(?!\\p{Script=Hangul})[\\p{L}\\p{N}])";

// `named`: who may be named in it, as {id, name}.
export function render(source, named = []) {
  const mentions = mentionsOf(named);
  const content = document.createDocumentFragment();
  for (const paragraph of source.trim().split(/\n{2,}/u)) {
    const p = document.createElement("p");
    paragraph.split("\n").forEach((line, number) => {
      if (number > 0) p.append(document.createElement("br"));
      p.append(...inline(line, mentions));
    });
    content.append(p);
  }
  return content;
}

function mentionsOf(named) {
  if (named.length === 0) return undefined;
  const longestFirst = named.toSorted((one, other) => other.name.length - one.name.length);
  const names = longestFirst.map(({ name }) => name.replace(/[\\^$.*+?()[\]{}|\/]/gu, "\\$&"));
  return { named, sign: new RegExp(`(?<![\\p{L}\\p{N}])@(${names.join("|")})${NAME_ENDS}`, "iu") };
}

function inline(text, mentions) {
  const nodes = [];
  let rest = text;
  for (let found = PIECES.exec(rest); found; found = PIECES.exec(rest)) {
    nodes.push(...names(rest.slice(0, found.index), mentions), piece(found, mentions));
    rest = rest.slice(found.index + found[0].length);
  }
  nodes.push(...names(rest, mentions));
  return nodes;
}

// Names lead to their members.
function names(text, mentions) {
  if (!mentions) return [text];
  const nodes = [];
  let rest = text;
  for (let found = mentions.sign.exec(rest); found; found = mentions.sign.exec(rest)) {
    const is = (name) => name.localeCompare(found[1], undefined, { sensitivity: "accent" }) === 0;
    const link = element("a", [found[0]]);
    link.href = `/members/${mentions.named.find(({ name }) => is(name))?.id ?? ""}`;
    nodes.push(rest.slice(0, found.index), link);
    rest = rest.slice(found.index + found[0].length);
  }
  nodes.push(rest);
  return nodes;
}

function piece([, code, strong, em, del, label, address, bare], mentions) {
  if (code !== undefined) return element("code", [code]);
  if (strong !== undefined) return element("strong", inline(strong, mentions));
  if (em !== undefined) return element("em", inline(em, mentions));
  if (del !== undefined) return element("del", inline(del, mentions));
  const link = element("a", [label ?? bare]);
  link.href = address ?? bare;
  link.rel = "nofollow noopener ugc";
  return link;
}

function element(name, content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}
