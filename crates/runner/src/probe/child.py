"""Imports one module, uses it where it is told how, and writes down what came of it.

Run as `python -I -B -u -c THIS`. The order comes on standard input, as JSON. What happened goes, a line of JSON an event, into a
file that no output of the module can be mistaken for. Whatever is needed after the import is taken hold of before it, for
the module may change anything that it can reach. Works with Python 3.6 and later.
"""
import faulthandler
import importlib
import json
import os
import sys
import time
import traceback

MESSAGE = 4000  # characters of a message that are passed on
TRACEBACK = 40  # lines of a traceback, the last ones


def take_order():
    """Reads the order, and leaves the module an empty standard input."""
    text = sys.stdin.buffer.read()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return json.loads(text.decode("utf-8"))


def arrange_path(first, folders):
    """Puts `first` in front, and adds what an isolated interpreter leaves out (user folders, PYTHONPATH) in its place."""
    own = set(sys.path)
    begin = next((at for at, folder in enumerate(folders) if folder in own), len(folders))
    before = [folder for folder in folders[:begin] if folder not in own]
    after = [folder for folder in folders[begin:] if folder not in own]
    sys.path[:] = first + before + sys.path + after


def set_limits(seconds):
    """No core files; and the system's own clock ends this process, should nobody be left to do it."""
    try:
        import resource
        import signal

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        signal.alarm(int(seconds) + 5)
    except (ImportError, AttributeError, OSError, ValueError):
        pass  # Windows has neither.


def watch(path, end):
    """Crashes, and a hang shortly before its end, leave the place where they happened in `path`."""
    trace = open(path, "w")
    faulthandler.enable(trace)
    left = max(end - time.time(), 0.1)  # the interpreter's own start has taken some of it
    faulthandler.dump_traceback_later(left - min(1, left / 4), file=trace)
    return trace


def diary(path, nonce):
    """Gives the function that writes an event into the file. Copies of this process, made by the module, write nothing."""
    dumps, modules = json.dumps, sys.modules
    opened, write, close, getpid, clock = os.open, os.write, os.close, os.getpid, time.perf_counter
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    own, begun = os.getpid(), time.perf_counter()

    def tell(event, **facts):
        if getpid() != own:
            return
        numpy = modules.get("numpy")
        facts.update(nonce=nonce, event=event, seconds=clock() - begun)
        facts.update(numpy=plain(getattr(numpy, "__version__", None)), numpy_file=plain(getattr(numpy, "__file__", None)))
        file = opened(path, flags, 0o600)
        try:
            write(file, (dumps(facts) + "\n").encode("ascii"))
        finally:
            close(file)

    return tell


def plain(value):
    """Text that any reader of JSON takes: without halves of characters."""
    return None if value is None else str(value)[:MESSAGE].encode("utf-8", "replace").decode("utf-8")


def failure(stage, error, lines=traceback.format_exception, only=traceback.format_exception_only):
    """What is told of an exception."""
    kind = type(error)
    place = error.__traceback__.tb_next if error.__traceback__ else None
    text = "".join(only(kind, error)).strip()
    name = kind.__name__ if kind.__module__ in ("builtins", None) else "%s.%s" % (kind.__module__, kind.__name__)
    tail = "".join(lines(kind, error, place)).splitlines()[-TRACEBACK:]
    message = text.partition(": ")[2] if ": " in text else ""
    return {"stage": stage, "kind": plain(name), "message": plain(message), "traceback": [plain(line) for line in tail]}


def main():
    """Does what the order says."""
    order, leave, load = take_order(), os._exit, importlib.import_module
    tell = diary(order["answer"], order["nonce"])
    set_limits(order["seconds"])
    trace = watch(order["trace"], order["end"])
    arrange_path(order["first"], order["folders"])
    sys.argv[:] = [""]
    tell("started")
    try:
        load(order["module"])
        tell("imported")
    except BaseException as error:
        tell("raised", **failure("import", error))
        leave(1)
    try:
        if order["use"] is not None:
            exec(compile(order["use"], "<use>", "exec"), {"__name__": "use"})
            tell("used")
    except BaseException as error:
        tell("raised", **failure("use", error))
    # The import is judged, not the interpreter's end: threads and exit handlers of the module are left alone.
    leave(0 if trace else 1)


main()
