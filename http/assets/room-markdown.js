// A message's Markdown as nodes, never as HTML: emphasis, code, links, line breaks. What else the
// server knows of Markdown shows once the page is loaded again.

const PIECES =
  /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*|~~([^~\n]+)~~|\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>]*[^\s<>.,;:!?)'"])/u;

export function render(source) {
  const content = document.createDocumentFragment();
  for (const paragraph of source.trim().split(/\n{2,}/u)) {
    const p = document.createElement("p");
    paragraph.split("\n").forEach((line, number) => {
      if (number > 0) p.append(document.createElement("br"));
      p.append(...inline(line));
    });
    content.append(p);
  }
  return content;
}

function inline(text) {
  const nodes = [];
  let rest = text;
  for (let found = PIECES.exec(rest); found; found = PIECES.exec(rest)) {
    nodes.push(rest.slice(0, found.index), piece(found));
    rest = rest.slice(found.index + found[0].length);
  }
  nodes.push(rest);
  return nodes;
}

function piece([, code, strong, em, del, label, address, bare]) {
  if (code !== undefined) return element("code", [code]);
  if (strong !== undefined) return element("strong", inline(strong));
  if (em !== undefined) return element("em", inline(em));
  if (del !== undefined) return element("del", inline(del));
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
