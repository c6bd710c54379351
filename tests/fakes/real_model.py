"""A real model server for tests: llama.cpp (xllamacpp) with SmolLM2, as a process of its own on loopback.

Run as a script it serves until it is told to stop:  python real_model.py MODEL.gguf KEY   (prints its address)
"""

from __future__ import annotations

import signal
import sys


def serve(model: str, key: str) -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.port = 0
    params.hostnames = ["127.0.0.1"]
    params.model_alias = {"smollm2"}
    params.n_ctx = 4096
    params.n_parallel = 1
    # one thread: with two, any neighbour on the cores slows it twenty times, and another count changes the text
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.api_keys = [key]
    params.use_jinja = True
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)  # noqa: T201 - the parent reads it
    signal.sigwait([signal.SIGTERM, signal.SIGINT])
    del server


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    serve(sys.argv[1], sys.argv[2])
