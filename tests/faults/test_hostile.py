"""A flood of hostile launches, with good ones between: nothing grows, nothing is written, and whoever is right gets in.

`make hostile` sends 100,000 and says how fast and at what cost; by itself the test sends some thousands.
"""

import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlmodel import Session, SQLModel, func, select

from reflect.demo.authorization import FormPost
from reflect.demo.forging import tampered
from tests.conftest import fresh_database
from tests.faults.processes import Served, served
from tests.web.launching import Scene, assert_admitted, scene

LAUNCHES = int(os.environ.get("REFLECT_HOSTILE", "2000"))
WARM_UP = 500
MOST_GROWTH = 12 * 1024
"""Kilobytes of memory that a flood may add once the server is warm, however long it is."""
NOTED = {"refused_launch", "registration_health"}
"""Tables that tell the portal of launches: at most a row a registration and code."""
