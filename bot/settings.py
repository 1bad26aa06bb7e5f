"""What the program is told from outside: the environment, or a file called `.env`."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

OFFICIAL_API = "https://api.telegram.org"

_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)
_WEBHOOK_SECRET = re.compile(r"[\w-]{1,256}", re.ASCII)
_LISTEN = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[\w.-]+):(?P<port>\d{1,5})", re.ASCII)
_LOCAL = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])([:/].*)?")
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}

_CHOICES = {
    "channel": "CHANNEL 只能是 aiogram 或 ptb，请改正后再启动。",
    "log_level": "LOG_LEVEL 只能是 DEBUG、INFO、WARNING、ERROR 或 CRITICAL，请改正后再启动。",
    "sqlite_synchronous": "SQLITE_SYNCHRONOUS 只能是 FULL、NORMAL 或 EXTRA，请改正后再启动。",
}


class SettingsError(Exception):
    """A setting is missing or wrong: the text says in one Chinese sentence a line what to do about it."""


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class Settings(BaseSettings):
    """The program's settings; each field is the environment variable of the same name in capitals.

    `bot_token` is "" when none was asked for. `database_url` always names an async driver. `chart_font`: the file of
    a font that has Chinese; "": one of the system's.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        hide_input_in_errors=True,
    )

    bot_token: SecretStr = SecretStr("")
    bot_api_base: str = OFFICIAL_API
    channel: Annotated[Literal["aiogram", "ptb"], BeforeValidator(_lower)] = "aiogram"
    # Not shown: it may hold a password.
    database_url: str = Field(default="sqlite+aiosqlite:///data/bot.sqlite3", repr=False)
    sqlite_synchronous: Annotated[Literal["FULL", "NORMAL", "EXTRA"], BeforeValidator(_upper)] = "FULL"
    store_file: Path = Path("store.yaml")
    chart_font: str = ""
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    webhook_listen: str = "127.0.0.1:8080"
    status_listen: str = ""
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)
    ] = "INFO"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What `load_settings` was given, then `.env`: nothing is read behind its back."""
        return init_settings, dotenv_settings

    @property
    def by_webhook(self) -> bool:
        """Whether updates arrive by webhook instead of long polling."""
        return bool(self.webhook_url)

    @property
    def listen_host(self) -> str:
        """Address that the webhook's web server listens on."""
        return self.webhook_listen.rpartition(":")[0].strip("[]")

    @property
    def listen_port(self) -> int:
        """Port that the webhook's web server listens on."""
        return int(self.webhook_listen.rpartition(":")[2])

    @property
    def status_host(self) -> str:
        """Address that health and metrics are told at."""
        return self.status_listen.rpartition(":")[0].strip("[]")

    @property
    def status_port(self) -> int:
        """Port that health and metrics are told at."""
        return int(self.status_listen.rpartition(":")[2])

    @field_validator("bot_token")
    @classmethod
    def _token_is_one(cls, token: SecretStr) -> SecretStr:
        if token.get_secret_value() and not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError(
                "BOT_TOKEN 的格式不对，请从 @BotFather 重新复制完整的令牌，形如 123456:ABC-DEF。"
            )
        return token

    @field_validator("bot_api_base")
    @classmethod
    def _api_is_an_address(cls, base: str) -> str:
        if not re.fullmatch(r"https?://[^/\s]+(/\S*)?", base):
            raise ValueError(
                f"BOT_API_BASE 应是 http:// 或 https:// 开头的地址，不用时请删去，默认为 {OFFICIAL_API}。"
            )
        return base.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database_by_an_async_driver(cls, url: str) -> str:
        scheme, _, rest = url.partition("://")
        if scheme not in _DRIVERS or not rest:
            raise ValueError(
                "DATABASE_URL 应形如 sqlite:///data/bot.sqlite3 或 postgresql://用户:密码@主机/库名，请改正后再启动。"
            )
        return f"{_DRIVERS[scheme]}://{rest}"

    @field_validator("webhook_url")
    @classmethod
    def _webhook_is_safe(cls, url: str) -> str:
        if url and not re.fullmatch(r"https://[^/\s]+(/\S*)?", url) and not _LOCAL.fullmatch(url):
            raise ValueError("WEBHOOK_URL 应是 https:// 开头的公网地址，不用 Webhook 时请删去这一项。")
        return url

    @field_validator("webhook_secret")
    @classmethod
    def _secret_is_allowed(cls, secret: SecretStr) -> SecretStr:
        if secret.get_secret_value() and not _WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError("WEBHOOK_SECRET 只能用英文字母、数字、下划线和连字符，最多 256 个，请重新设置。")
        return secret

    @field_validator("webhook_listen", "status_listen")
    @classmethod
    def _listen_is_a_place(cls, listen: str, about: ValidationInfo) -> str:
        found = _LISTEN.fullmatch(listen)
        if listen and (not found or not 0 < int(found["port"]) < 65536):
            setting, example = str(about.field_name).upper(), cls.model_fields[str(about.field_name)].default
            raise ValueError(
                f"{setting} 应写成 地址:端口，例如 {example or '127.0.0.1:9100'}，端口在 1 到 65535 之间。"
            )
        return listen


def load_settings(
    env: Mapping[str, str] | None = None, env_file: Path | None = Path(".env"), *, token_required: bool = True
) -> Settings:
    """Read the settings from `env` (the process's environment when None), then from `env_file` if it exists.

    Raises SettingsError with one Chinese sentence a line for everything that is missing or wrong; secrets are
    never repeated in it. Commands that do not talk to Telegram pass `token_required=False`.
    """
    given = {name.lower(): value.strip() for name, value in (os.environ if env is None else env).items()}
    known = {name: given[name] for name in Settings.model_fields if given.get(name)}
    try:
        settings = Settings(_env_file=env_file, **known)  # type: ignore[arg-type]  # text becomes typed here
    except ValidationError as wrong:
        # `from None`: pydantic's own words would show people a traceback's worth of English.
        raise SettingsError("\n".join(_sentence(error) for error in wrong.errors())) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{env_file} 不是 UTF-8 编码，请用 UTF-8 重新保存后再启动。") from None
    problems = _gaps(settings, token_required=token_required)
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _gaps(settings: Settings, *, token_required: bool) -> list[str]:
    gaps = []
    if token_required and not settings.bot_token.get_secret_value():
        gaps.append(
            "缺少 BOT_TOKEN，请在 .env 文件或环境变量中填写 BOT_TOKEN=从 @BotFather 得到的令牌；"
            "只想试用请运行 python bot.py demo。"
        )
    if settings.by_webhook and not settings.webhook_secret.get_secret_value():
        gaps.append("使用 WEBHOOK_URL 时还要设置 WEBHOOK_SECRET，请填写一串随机的英文字母和数字。")
    if settings.by_webhook and settings.status_listen and settings.status_port == settings.listen_port:
        gaps.append("STATUS_LISTEN 和 WEBHOOK_LISTEN 不能用同一个端口，请给其中一个换一个端口。")
    return gaps


def _sentence(error: ErrorDetails) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    own_words = error.get("ctx", {}).get("error")
    if isinstance(own_words, ValueError):
        return str(own_words)
    return _CHOICES.get(name, f"{name.upper()} 填写不正确，请对照 README 的设置一节改正后再启动。")
