"""What a controller is told: one step of a plan, in words and as typed arguments."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Instruction"]


@dataclass(frozen=True, slots=True)
class Instruction:
    """One operator, said.

    Attributes:
        text: what a person reads, such as "pick up the yellow key".
        operator: the name of the operator the text says.
        arguments: the operator's arguments, one name per parameter; the truth wherever the words are vague.
    """

    text: str
    operator: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text
