"""Set equations as MathML when the site is built, so that a browser shows them without a script or another font.

Pages hold them as LaTeX between ``$`` or ``$$``, as GitHub shows them, too.
"""

import html
import re
from typing import Final

from latex2mathml.converter import convert

EQUATION: Final = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\[(\[](?P<latex>.*?)\\[)\]]</(?P=tag)>', flags=re.DOTALL
)
"""An equation as the Markdown extension arithmatex leaves it: in a span within a line, in a div by itself."""


def on_page_content(content: str, **_: object) -> str:
    """Return the page with its equations as MathML."""
    return EQUATION.sub(_as_mathml, content)


def _as_mathml(equation: re.Match[str]) -> str:
    display = "block" if equation["tag"] == "div" else "inline"
    return convert(html.unescape(equation["latex"]).strip(), display=display)
