"""Where the files that are not Python live: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_installed = Path(__file__).parent / "_files"
ROOT = _installed if _installed.is_dir() else Path(__file__).parent.parent
TEMPLATES, STATIC, SEEDS = ROOT / "templates", ROOT / "static", ROOT / "seed_data"
