# protoc as a judge, many times in one process: each line of standard input is a JSON list of protoc's arguments, each line of
# standard output {"status", "output"}: its exit status, and what it printed. A run of its own would cost 0.3 s a file.
import json
import os
import sys
import tempfile

from grpc_tools import protoc


def compile_with(arguments):
    """Runs protoc, whose complaints are written by C++ to the process's own standard error."""
    with tempfile.TemporaryFile() as printed:
        kept = os.dup(2)
        os.dup2(printed.fileno(), 2)
        try:
            status = protoc.main(["protoc", *arguments])
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        printed.seek(0)
        return {"status": status, "output": printed.read().decode("utf-8", "replace")}


for line in sys.stdin:
    print(json.dumps(compile_with(json.loads(line))), flush=True)
