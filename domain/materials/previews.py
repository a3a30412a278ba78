"""A photograph as those see it who may know that it is there, but not who: so few points that no face is left, made large again."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, UnidentifiedImageError

POINTS: Final = 12
"""Of the longer side: what is lost in between cannot be brought back."""
SIDE: Final = 240
MOST_PIXELS: Final = 60_000_000
"""Larger pictures are not unpacked."""
MEDIA_TYPE: Final = "image/png"


def blurred(content: bytes) -> bytes | None:
    """A small blurred PNG of a picture, without anything else that lay in the file; None when it is no picture that can be read."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            picture.draft("RGB", (SIDE, SIDE))
            few = picture.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    few.thumbnail((POINTS, POINTS), Image.Resampling.BOX)
    scale = SIDE / max(few.size)
    size = (max(1, round(few.width * scale)), max(1, round(few.height * scale)))
    out = io.BytesIO()
    few.resize(size, Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()
