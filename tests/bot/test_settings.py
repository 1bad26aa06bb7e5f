"""The environment: defaults, drivers, secrets that stay secret, and one clear sentence for every mistake."""

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings

TOKEN = {"BOT_TOKEN": "123456:ABC-def_1"}


def load(**env: str) -> Settings:
    return load_settings(TOKEN | env, None)


def complaint(env: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as wrong:
        load_settings(env, None)
    return str(wrong.value)


def test_the_defaults() -> None:
    settings = load()
    assert settings.bot_api_base == "https://api.telegram.org"
    assert settings.channel == "aiogram"
    assert settings.database_url == "sqlite+aiosqlite:///data/bot.sqlite3"
    assert settings.sqlite_synchronous == "FULL"
    assert settings.store_file == Path("store.yaml")
    assert settings.log_level == "INFO"
    assert not settings.by_webhook


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("sqlite+aiosqlite:////var/a.db", "sqlite+aiosqlite:////var/a.db"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
    ],
)
def test_a_plain_database_address_gets_its_async_driver(given: str, used: str) -> None:
    assert load(DATABASE_URL=given).database_url == used


def test_secrets_are_not_shown() -> None:
    settings = load(
        DATABASE_URL="postgresql://u:hush@h/d", WEBHOOK_URL="https://x.cn/", WEBHOOK_SECRET="hush2"
    )
    assert settings.bot_token.get_secret_value() == TOKEN["BOT_TOKEN"]
    for secret in ("ABC-def", "hush"):
        assert secret not in repr(settings)
        assert secret not in str(settings)


def test_a_wrong_secret_is_not_repeated() -> None:
    assert "hush" not in complaint({"BOT_TOKEN": "hush hush"})
    assert "hush" not in complaint(TOKEN | {"WEBHOOK_SECRET": "hush hush", "DATABASE_URL": "mysql://hush"})


def test_values_are_forgiving_about_case_and_spaces() -> None:
    settings = load(
        CHANNEL=" PTB ", LOG_LEVEL="debug", SQLITE_SYNCHRONOUS="normal", BOT_API_BASE="http://h:1/x/"
    )
    assert (settings.channel, settings.log_level, settings.sqlite_synchronous) == ("ptb", "DEBUG", "NORMAL")
    assert settings.bot_api_base == "http://h:1/x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "no token"),
        ("BOT_API_BASE", "api.telegram.org"),
        ("CHANNEL", "wechat"),
        ("DATABASE_URL", "mysql://h/d"),
        ("DATABASE_URL", "bot.sqlite3"),
        ("WEBHOOK_URL", "http://shop.cn/hook"),
        ("WEBHOOK_SECRET", "带空格 的"),
        ("WEBHOOK_LISTEN", "8080"),
        ("WEBHOOK_LISTEN", "0.0.0.0:70000"),
        ("LOG_LEVEL", "LOUD"),
        ("SQLITE_SYNCHRONOUS", "OFF"),
    ],
)
def test_a_wrong_value_gets_one_sentence_that_names_it(name: str, value: str) -> None:
    sentence = complaint(TOKEN | {name: value})
    assert name in sentence
    assert sentence.endswith("。")
    assert len(sentence.splitlines()) == 1


def test_all_mistakes_are_told_at_once() -> None:
    lines = complaint(TOKEN | {"CHANNEL": "wechat", "LOG_LEVEL": "LOUD"}).splitlines()
    assert [line.split()[0] for line in lines] == ["CHANNEL", "LOG_LEVEL"]


@pytest.mark.parametrize("env", [{}, {"BOT_TOKEN": ""}, {"BOT_TOKEN": "  "}])
def test_without_a_token_the_cure_is_told_unless_none_is_needed(env: dict[str, str]) -> None:
    assert complaint(env).startswith("缺少 BOT_TOKEN，请")
    assert load_settings(env, None, token_required=False).bot_token.get_secret_value() == ""


def test_a_webhook_needs_its_secret() -> None:
    assert "WEBHOOK_SECRET" in complaint(TOKEN | {"WEBHOOK_URL": "https://shop.cn/hook"})
    settings = load(WEBHOOK_URL="https://shop.cn/hook", WEBHOOK_SECRET="abc", WEBHOOK_LISTEN="[::1]:8443")
    assert settings.by_webhook
    assert (settings.listen_host, settings.listen_port) == ("::1", 8443)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text('BOT_TOKEN="1:file"\nCHANNEL=ptb\nLOG_LEVEL=\nSOMETHING_ELSE=1\n', encoding="utf-8")
    from_file = load_settings({}, file)
    assert (from_file.bot_token.get_secret_value(), from_file.channel, from_file.log_level) == (
        "1:file",
        "ptb",
        "INFO",
    )
    both = load_settings(TOKEN, file)
    assert both.bot_token.get_secret_value() == TOKEN["BOT_TOKEN"]


def test_the_processs_environment_is_read_when_nothing_else_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "7:own")
    assert load_settings(env_file=None).bot_token.get_secret_value() == "7:own"
    assert "BOT_TOKEN" in complaint({})


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes("BOT_TOKEN=1:a # 令牌\n".encode("gbk"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings({}, file)
