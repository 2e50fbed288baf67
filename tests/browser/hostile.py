"""Texts that somebody stores, who hopes that a page takes them for more than texts."""

SCRIPT = "<script>alert('stored')</script>"
TEXTS = {
    "script": SCRIPT,
    "image": '"><img src=x onerror=alert(1)>',
    "attribute": "' onmouseover='alert(1)' autofocus onfocus='alert(1)",
    "end of the title": "</title></style></textarea><svg onload=alert(1)>",
    "template": "{{ 7 * 7 }}{% raise %}",
    "link": "javascript:alert(1)",
    "other host": "https://attacker.example/?<b>",
    "from right to left": "gpj.\u202eexe\u202c",
    "letters that have no end": "W" * 400,
    "marks that pile up": "Z" + "\u0301\u0316" * 60,
    "escape": "\x1b[31mred\x00\x07",
}
ONE_LINE = SCRIPT + TEXTS["image"] + TEXTS["attribute"] + TEXTS["end of the title"] + "W" * 120
"""What is taken where one printable line is all that may be stored."""
TAG = "_" + "W" * 127
"""The longest tag."""
PATHS = (
    "etc/<img src=x onerror=alert(1)>",
    "etc/\"quoted\" & 'single'",
    "etc/new\nline",
    "etc/" + "W" * 200,
    "etc/?query=1#fragment",
    "etc/%2e%2e%2fpasswd",
    "etc/\u202egpj.exe",
)
