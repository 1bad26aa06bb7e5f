"""Chinese time words → a moment: 明天下午三点, 下周三上午十点半, 12月1号9点 (B15).

`understand_moment(text, now)` is the door; `Moment` says what was read and how surely.
"""

from domain.moments.reading import Moment, understand_moment

__all__ = ["Moment", "understand_moment"]
