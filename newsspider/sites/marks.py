"""A body as one string: its text, with a control character where an element mattered.

The parser lets none of these characters into a tree, so they cannot be confused with text, and regular expressions
see the whole structure at once: `\\x03Baca Juga:\\x04 \\x05https://…\\x06Judul\\x01\\x07 \\x01Teks`.
"""

BREAK = "\x01"  # <br>
BLOCK = "\x02"  # where a block element begins or ends
BOLD, PLAIN = "\x03", "\x04"
LINK, TITLE, END = "\x05", "\x06", "\x07"  # LINK address TITLE text END
CELL, ROW = "\x08", "\x10"  # where a table cell ends; where a row, or the table, begins or ends
BOX, UNBOX = "\x0e", "\x0f"  # around an element of which only the links count

ALL = BREAK + BLOCK + BOLD + PLAIN + LINK + TITLE + END + CELL + ROW + BOX + UNBOX
GAP = rf"[\s{BOLD}{PLAIN}]"
LINE_END = rf"(?={GAP}*(?:[{BREAK}{BLOCK}{CELL}]|$))"
SENTENCE_ENDS = '.!?"”’…)'
ANCHOR = rf"{LINK}[^{TITLE}]*{TITLE}[^{END}]*{END}"
