"""What `why` says: a verdict with cause, line and cure as data, and a picture."""

import base64
import html
from dataclasses import dataclass

from ..drawing.picture import Picture
from ..language import Text
from ..verdict import Verdict, mark_up

AT_LINE = Text("line {line}: {text}", "第 {line} 行：{text}")


@dataclass(frozen=True, repr=False)
class Answer(Verdict):
    """Hold why a gradient is missing: `cause`, `line`, `cure`, and the road's picture.

    `cause` is a word like "cut:detach" or "none", `line` counts in the cell or file
    (0 where it is not known), `causes` has all words where two are possible.
    """

    cause: str = ""
    line: int = 0
    cure: str = ""
    text: str = ""  # of the line
    causes: tuple[str, ...] = ()
    road: str = ""
    picture: Picture | None = None

    def lines(self) -> list[str]:
        """Return what there is to say, a line for each thing."""
        place = AT_LINE(line=self.line, text=self.text) if self.text else ""
        told = [self.sentence, place, self.seen, self.cure, self.hint, self.road]
        return [line for line in told if line]

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        shown = super()._repr_mimebundle_()
        if self.text:
            plain = AT_LINE(line=self.line, text=self.text)
            marked = AT_LINE(line=self.line, text="\0")
            code = f"<code>{html.escape(self.text)}</code>"
            coded = html.escape(marked).replace("\0", code)
            shown["text/html"] = shown["text/html"].replace(mark_up(plain), coded)
        if self.picture is not None:
            data = base64.b64encode(self.picture.png).decode()
            width = int.from_bytes(self.picture.png[16:20]) // 2
            alt = html.escape(self.picture.alt)
            shown["text/html"] += (
                f'<img src="data:image/png;base64,{data}" width="{width}" '
                f'style="max-width: 100%" alt="{alt}">'
            )
        return shown
