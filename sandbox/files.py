"""Files that went through the sandbox: photos, voices, videos, documents, by file_id."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.answers import bad_request, not_found, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.parameters import Parameters, Upload

LARGEST_PHOTO = 10 * 1024 * 1024  # bytes; limits of the Bot API's "Sending files"
LARGEST_FILE = 50 * 1024 * 1024
LARGEST_DOWNLOAD = 20 * 1024 * 1024
FOLDERS = {"photo": "photos", "voice": "voice", "video": "videos", "document": "documents",
           "sticker": "stickers"}  # fmt: skip
TYPES = {
    "photo": "Photo",
    "voice": "VoiceNote",
    "video": "Video",
    "document": "Document",
    "sticker": "Sticker",
}

Json = dict[str, Any]


@dataclass(frozen=True)
class StoredFile:
    """One file; `width` and `height` are pixels of a picture, else 0; `seconds` the length of a recording."""

    file_id: str
    unique_id: str
    kind: str
    path: str
    name: str
    content_type: str
    data: bytes
    width: int = 0
    height: int = 0
    seconds: int = 0

    def json(self) -> Any:
        """The value of the message field named after the kind (a list of sizes for a photo)."""
        base: Json = {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.data)}
        if self.kind == "photo":
            return [{**base, "width": self.width, "height": self.height}]
        if self.kind == "voice":
            return {**base, "duration": self.seconds, "mime_type": self.content_type}
        if self.kind == "video":
            size = {"width": self.width, "height": self.height, "duration": self.seconds}
            return {**base, **size, "file_name": self.name, "mime_type": self.content_type}
        if self.kind == "sticker":
            shape = {"type": "regular", "width": self.width, "height": self.height}
            return {**base, **shape, "is_animated": False, "is_video": False}
        return {**base, "file_name": self.name, "mime_type": self.content_type}


class FileRoom:
    """Keeps every file of one sandbox in memory."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}

    def keep(self, kind: str, upload: Upload, seconds: int = 0) -> StoredFile:
        """Store an upload as `kind`. 413 when too large, 400 for an empty file or a photo that is none."""
        if not upload.data:
            raise bad_request("file must be non-empty")
        if len(upload.data) > (LARGEST_PHOTO if kind == "photo" else LARGEST_FILE):
            raise too_large()
        width, height = picture_size(upload.data)
        if kind == "photo" and not width:
            raise bad_request("IMAGE_PROCESS_FAILED")
        number = len(self._files) + 1
        unique_id = hashlib.sha256(kind.encode() + upload.data).hexdigest()[:16]
        ending = upload.name.rpartition(".")[2] if "." in upload.name else "bin"
        file = StoredFile(
            file_id=f"{kind}-{number}-{unique_id}",
            unique_id=unique_id,
            kind=kind,
            path=f"{FOLDERS[kind]}/file_{number}.{ending}",
            name=upload.name,
            content_type=upload.content_type,
            data=upload.data,
            width=width,
            height=height,
            seconds=seconds,
        )
        self._files[file.file_id] = file
        return file

    def by_id(self, file_id: str, kind: str | None = None) -> StoredFile:
        """The file of a file_id. 400 when it is unknown or of another kind."""
        file = self._files.get(file_id)
        if file is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if kind is not None and file.kind != kind:
            raise bad_request(f"can't use file of type {TYPES[file.kind]} as {TYPES[kind]}")
        return file

    def by_path(self, path: str) -> StoredFile:
        """The file behind a download path. 404 when there is none, 400 over the download limit."""
        for file in self._files.values():
            if file.path == path:
                return file
        raise not_found()

    def sent(self, p: Parameters, field: str, kind: str, value: Any) -> StoredFile:
        """The file that a call sends: uploaded under `field`, `attach://name`, or a known file_id."""
        seconds = p.number("duration") or 0
        if field in p.uploads:
            return self.keep(kind, p.uploads[field], seconds)
        if not isinstance(value, str) or not value:
            raise bad_request(f"there is no {kind} in the request")
        if value.startswith("attach://"):
            upload = p.uploads.get(value.removeprefix("attach://"))
            if upload is None:
                raise bad_request(f"can't find file with name {value.removeprefix('attach://')}")
            return self.keep(kind, upload, seconds)
        if value.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        return self.by_id(value, kind)


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG, GIF or JPEG; (0, 0) for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    for marker, body in _jpeg_segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and len(body) >= 5:
            height, width = struct.unpack(">HH", body[1:5])
            return width, height
    return 0, 0


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    if not data.startswith(b"\xff\xd8"):
        return
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        yield data[at + 1], data[at + 4 : at + 2 + length]
        at += 2 + length
