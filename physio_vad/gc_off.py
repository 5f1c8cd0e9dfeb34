"""Imported first by the server of `fork_server`: a fifth of importing is looking for garbage."""

import gc

gc.disable()
