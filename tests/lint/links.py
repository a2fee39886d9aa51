#!/usr/bin/env python3
"""Fails where a relative link of a Markdown page leads nowhere: to a file that
is not there, or to a heading that the page it names does not have.

    links.py FOLDER
"""
import pathlib
import re
import sys

SKIPPED_FOLDERS = {"build", "target"}
FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1", re.M | re.S)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*<?([^\s>]+)", re.M)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.M)


def pages(root):
    for path in sorted(root.rglob("*.md")):
        folders = path.relative_to(root).parts[:-1]
        if not any(name in SKIPPED_FOLDERS or name.startswith(".") for name in folders):
            yield path


def without_code(text):
    text = FENCE.sub("", text)
    # Indented blocks are code only after an empty line; a list item goes on otherwise.
    text = re.sub(r"(?<=\n\n)(?: {4}.*\n|\n)+", "\n", text)
    return CODE.sub("", text)


def anchors(path):
    """The names that Markdown viewers give to headings."""
    found = set()
    for heading in HEADING.findall(FENCE.sub("", path.read_text())):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        copies = sum(other == name or re.fullmatch(re.escape(name) + r"-\d+", other) is not None for other in found)
        found.add(f"{name}-{copies}" if copies else name)
    return found


def problem_of(root, page, link):
    if re.match(r"[a-z][a-z0-9+.-]*:|//", link):
        return None
    target, _, anchor = link.partition("#")
    path = (page.parent / target).resolve() if target else page
    if not path.is_relative_to(root):
        return "leads out of the tree"
    if not path.exists():
        return "leads nowhere"
    if anchor and path.suffix == ".md" and anchor not in anchors(path):
        return "names a heading that is not there"
    return None


def main(root):
    root = root.resolve()
    found = []
    for page in pages(root):
        for match in LINK.finditer(without_code(page.read_text())):
            link = match.group(1) or match.group(2)
            problem = problem_of(root, page, link)
            if problem:
                found.append(f"{page.relative_to(root)}: {link} {problem}")
    for line in found:
        print(line)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
