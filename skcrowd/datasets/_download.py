"""Downloader of all fetchers: cached files with URL and sha256."""

import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sklearn.datasets import get_data_home


class RemoteFile(NamedTuple):
    """A remote file: name in the cache, URL and sha256."""

    name: str
    url: str
    sha256: str


@dataclass(frozen=True)
class GitHubFolder:
    """Files of one folder of a public GitHub repository at a fixed commit.

    Parameters
    ----------
    repository : str
        ``owner/name``.
    commit : str
        Full commit hash, so that the address always means the same bytes.
    path : str
        Folder inside the repository; empty for its root.
    sha256 : dict
        File name to sha256.
    """

    repository: str
    commit: str
    path: str
    sha256: dict[str, str]

    def files(self):
        """Return the files as a list of `RemoteFile`."""
        parts = [self.repository, self.commit, self.path]
        base = "/".join(part for part in parts if part)
        return [
            RemoteFile(name, f"https://raw.githubusercontent.com/{base}/{name}", digest)
            for name, digest in self.sha256.items()
        ]


def ensure_files(files, subfolder, *, data_home=None, download_if_missing=True):
    """Return the folder of the files, after downloading missing or damaged ones.

    Parameters
    ----------
    files : list of RemoteFile
    subfolder : str
        Folder of this data set below the data home.
    data_home : str or path-like, default=None
        See `sklearn.datasets.get_data_home`.
    download_if_missing : bool, default=True

    Returns
    -------
    pathlib.Path

    Raises
    ------
    OSError
        If a file is missing or damaged and may not be downloaded, or its download
        fails.
    ImportError
        If a download is needed and pooch is not installed.
    """
    folder = Path(get_data_home(data_home)) / subfolder
    wanted = [file for file in files if not _is_intact(folder / file.name, file)]
    if wanted and not download_if_missing:
        raise OSError(
            f"{_state(folder, wanted[0])} and download_if_missing=False; call again "
            "with download_if_missing=True, or set data_home to the folder that "
            f"holds {subfolder!r}."
        )
    for file in wanted:
        if (folder / file.name).exists():
            warnings.warn(
                f"{_state(folder, file)}; downloading it again from {file.url}.",
                stacklevel=3,
            )
        _download(file, folder)
    return folder


def _state(folder, file):
    """Describe the mismatch of a damaged file."""
    path = folder / file.name
    if path.exists():
        return f"{path} is damaged (its sha256 is not {file.sha256})"
    return f"{file.name} is not in {folder}"


def _is_intact(path, file):
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256


def _download(file, folder):
    pooch = _import_pooch()
    cache = pooch.create(
        path=folder,
        base_url="",
        registry={file.name: f"sha256:{file.sha256}"},
        urls={file.name: file.url},
        retry_if_failed=1,
    )
    try:
        cache.fetch(file.name)
    except ValueError as error:
        raise OSError(
            f"{file.url} delivered other bytes than expected (sha256 "
            f"{file.sha256}); nothing was kept. Try again later, and look for a "
            "proxy or login page between this machine and the internet."
        ) from error
    except OSError as error:
        raise OSError(
            f"Could not download {file.url} ({error}). Check the connection, or put "
            f"the file into {folder} by hand."
        ) from error


def _import_pooch():
    try:
        import pooch
    except ImportError as error:
        raise ImportError(
            "Downloading a data set needs pooch, which is not installed; run: "
            'pip install "skcrowd[data]"'
        ) from error
    return pooch
