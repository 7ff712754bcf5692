"""What `build` does to a layer of one's own, so that it can be undone."""

from __future__ import annotations

import copy
from typing import Any


class Attributes:
    """The attributes of an object, with what is in its lists, dictionaries and sets."""

    def __init__(self, owner: Any) -> None:
        self._values = dict(vars(owner))
        self._contents = [
            (value, copy.copy(value))
            for value in self._values.values()
            if type(value) in (list, dict, set)
        ]
        self._changed: dict[str, Any] = {}

    def until_now(self, owner: Any) -> Attributes:
        """Have `restore` take back what has changed since, and nothing later."""
        self._changed = {
            key: value
            for key, value in vars(owner).items()
            if key not in self._values or self._values[key] is not value
        }
        return self

    def restore(self, owner: Any) -> None:
        attributes = vars(owner)
        for key, value in self._changed.items():
            if attributes.get(key) is not value:
                continue
            if key in self._values:
                attributes[key] = self._values[key]
            else:
                del attributes[key]
        for container, before in self._contents:
            container.clear()
            (container.extend if isinstance(container, list) else container.update)(before)
