"""Phone numbers that belong to nobody: NPA-555-0120 to 0199 in area codes of the United States. The sandbox gives meanings to some below."""

import itertools
import threading

AREA_CODES = (
    "201 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248 251 252 253 "
    "254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 "
    "323 325 330 331 334 336 337 339 347 351 352 360 361 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417"
).split()


class PhoneBook:
    """Hands out each number once, because the gateway allows one live call per number. Safe between threads."""

    def __init__(self):
        self._numbers = (f"+1{area}55501{line:02d}" for area, line in itertools.product(AREA_CODES, range(20, 100)))
        self._lock = threading.Lock()

    def take(self):
        with self._lock:
            return next(self._numbers)
