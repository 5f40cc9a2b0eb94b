"""Ready namespaces side by side in one registry: where its credentials hold, and one more such place.

Owns which namespace a registry is asked about, and what of the log belongs there; a product's world makes both.
"""

from __future__ import annotations

import copy
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

    from pytest_pyreg.clients.workplace import Workplace
    from pytest_pyreg.exchanges import Exchange, Log, Notes
    from pytest_pyreg.flavours import Ready, World
    from pytest_pyreg.identity import Credential
    from pytest_pyreg.model import Namespace


class Neighbours:
    """The part of a registry that has a ready namespace, and can have another."""

    world: World
    log: Log
    _ready: Ready | World
    _workplace: Workplace
    _own: frozenset[str] = frozenset()

    @property
    def namespace(self) -> Namespace:
        """Where the ready credentials hold."""
        return self._ready.home

    @property
    def publisher(self) -> Credential:
        """A credential that may upload, and install."""
        return self._ready.publisher

    @property
    def reader(self) -> Credential:
        """A credential that may only install."""
        return self._ready.reader

    @property
    def stranger(self) -> Credential:
        """A credential that is known and may neither upload nor install."""
        return self._ready.stranger

    def another(self) -> Self:
        """Return the same registry with one more ready namespace and its credentials, private like the first.

        What it is asked of files and projects is about that namespace, and its log has what came there, or by its
        credentials, from now on.  It starts and stops with this one.  A product with one namespace alone, such as the
        public index, has new users of that.
        """
        self._require_running()
        other = copy.copy(self)
        ready = other._ready = self.world.another()  # noqa: SLF001 - of the same kind.
        other._own = frozenset(who.secret for who in (ready.publisher, ready.reader, ready.stranger))  # noqa: SLF001 - of the same kind.
        # The log must not keep alive what nobody asks any more.
        weak = weakref.ref(other)

        def belongs(exchange: Exchange, notes: Notes) -> bool:
            me = weak()
            return me is not None and me._concerns(exchange, notes)  # noqa: SLF001 - as above.

        other.log = self.log.part(belongs)
        other._workplace = self._workplace.beside(other.log)  # noqa: SLF001 - of the same kind.
        return other

    def recognise(self, credential: Credential) -> None:
        """Count what comes with this credential among what the log of this namespace has, once there is another."""
        if credential.secret:
            self._own |= {credential.secret}

    def _concerns(self, exchange: Exchange, notes: Notes) -> bool:
        """Tell whether a request was about this namespace, if it is not everybody's, or came by a credential of it."""
        mine = self.namespace is not self.world.home and exchange.namespace == self.namespace.path
        return mine or not self._own.isdisjoint(notes.secrets)

    def _require_running(self) -> None:
        """Refuse what only a running registry can do."""
        raise NotImplementedError
