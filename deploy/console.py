"""What the programs of this folder say, and how they end."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Callable

from botocore.exceptions import BotoCoreError, ClientError

#: Everything went well.
DONE = 0
#: It was done, and AWS says that something failed.
FAILED = 1
#: Nothing was changed.
NOT_DONE = 2


@dataclass(frozen=True)
class Problem:
    """Something that stands in the way: what was expected, what was found, and what repairs it."""

    expected: str
    found: str
    repair: str
    #: A warning does not keep anything from being changed.
    is_warning: bool = False

    def __str__(self) -> str:
        kind = "warning" if self.is_warning else "error"
        return f"{kind}: expected {self.expected}\n  found: {self.found}\n  to do: {self.repair}"


class Refused(Exception):
    """Nothing was changed, because of these problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def say(line: str) -> None:
    print(line, flush=True)


def check(problems: list[Problem]) -> None:
    """Tells all problems at once; goes on if they are warnings only."""
    for warning in problems:
        if warning.is_warning:
            print(warning, file=sys.stderr, flush=True)
    errors = [problem for problem in problems if not problem.is_warning]
    if errors:
        raise Refused(errors)


def ended(program: Callable[[], int]) -> int:
    """Runs a program; its refusal becomes the exit status."""
    try:
        return program()
    except Refused as refused:
        print(refused, file=sys.stderr, flush=True)
        print("Nothing was changed.", file=sys.stderr, flush=True)
        return NOT_DONE
    except (BotoCoreError, ClientError) as error:
        # Whatever was expected to fail was dealt with where it was asked.
        print(f"error: AWS did not do as it was asked: {error}", file=sys.stderr, flush=True)
        return FAILED
    except KeyboardInterrupt:
        print("\nInterrupted; AWS goes on with what it was told.", file=sys.stderr, flush=True)
        return 130


class Progress:
    """A line for each new state, with the time that has passed; while nothing changes, one every half minute."""

    QUIET_SECONDS = 30.0

    def __init__(self, what: str, timeout_minutes: float, poll_seconds: float) -> None:
        self.what = what
        self.start = time.monotonic()
        self.deadline = self.start + timeout_minutes * 60
        self.poll_seconds = poll_seconds
        self.next_look = min(0.5, poll_seconds)
        self.last_state: str | None = None
        self.last_said = self.start

    def show(self, state: str) -> None:
        now = time.monotonic()
        if state != self.last_state or self.QUIET_SECONDS <= now - self.last_said:
            minutes, seconds = divmod(int(now - self.start), 60)
            say(f"  {minutes:2d}:{seconds:02d}  {self.what}: {state}")
            self.last_state, self.last_said = state, now

    def wait(self) -> bool:
        """Waits for the next look, longer each time; `False` when the time is over."""
        if self.deadline <= time.monotonic():
            return False
        time.sleep(self.next_look)
        self.next_look = min(2 * self.next_look, self.poll_seconds)
        return True
