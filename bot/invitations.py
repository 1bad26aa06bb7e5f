"""Invitations for colleagues (R3): a link and a copyable command, single use, only the token's hash is kept."""

from __future__ import annotations

import typer

from bot.clocks import WallClock
from bot.opening import ready_books
from bot.settings import Settings
from domain.people import Role
from domain.store import Store
from scripts_zh.phrases import phrase
from service.invitations import hash_of, new_secret, token_of
from service.ports import ChannelError
from storage import people
from storage.engine import Books


async def write_invitation(settings: Settings, store: Store, role: Role) -> None:
    """Write down an invitation for `role` and print it. Raises CannotOpen."""
    token = new_secret()
    books = Books(settings.database_url, synchronous=settings.sqlite_synchronous)
    try:
        await ready_books(books)
        now = WallClock().now()
        async with books.unit() as unit:
            await people.invite(unit, hash_of(token), role, now, now + store.staff.invitation_life)
    finally:
        await books.close()
    await _print(settings, store, role, token)


async def _print(settings: Settings, store: Store, role: Role, token: str) -> None:
    hours = store.staff.invitation_hours
    typer.echo(phrase("cli", "invitation", role=phrase("role", role.value), hours=hours))
    if (name := await _bot_name(settings)) is not None:
        typer.echo(phrase("cli", "invitation_link", link=token_of(token, name).link))
        typer.echo(phrase("cli", "invitation_or_command", token=token))
    else:
        typer.echo(phrase("cli", "invitation_command", token=token))
        typer.echo(phrase("cli", "invitation_wait"))


async def _bot_name(settings: Settings) -> str | None:
    """The bot's user name, for the link; None while there is no token or no way to the service."""
    if not settings.bot_token.get_secret_value():
        return None
    from bot.channels import open_channel

    channel = None
    try:
        channel = open_channel(settings)
        return (await channel.open()).username
    except ChannelError:
        return None
    finally:
        if channel is not None:
            await channel.close()
