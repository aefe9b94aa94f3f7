# The database side of the libSQL stand-in: one connection to a real SQLite file for each stream, and the
# requests of a pipeline carried out on it.
import base64
import re
import sqlite3
import time

INTEGER = re.compile(r"-?\d{1,19}")
PARAMETER = re.compile(r"'[^']*'|[$:@](\w+)|\?(\d+)")


class Refused(Exception):
    """One request failed; the stream lives on."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code

    def as_json(self):
        return {"message": str(self), "code": self.code}


class Malformed(Exception):
    """What was sent is against the protocol: HTTP 400, and the stream is over."""


def to_sqlite(value):
    match value:
        case {"type": "null"}:
            return None
        case {"type": "integer", "value": str(digits)} if INTEGER.fullmatch(digits) and -2**63 <= int(digits) < 2**63:
            return int(digits)
        case {"type": "float", "value": int(number) | float(number)} if not isinstance(number, bool):
            return float(number)
        case {"type": "text", "value": str(text)}:
            return text
        case {"type": "blob", "base64": str(text)}:
            return base64.b64decode(text + "=" * (-len(text) % 4))
    raise Malformed(f"no value: {value}")


def from_sqlite(value):
    if value is None:
        return {"type": "null"}
    if isinstance(value, int):
        return {"type": "integer", "value": str(value)}
    if isinstance(value, float):
        return {"type": "float", "value": value}
    if isinstance(value, str):
        return {"type": "text", "value": value}
    return {"type": "blob", "base64": base64.b64encode(value).decode().rstrip("=")}


def parameters_of(sql):
    names = [name or number for name, number in PARAMETER.findall(sql)]
    return list(dict.fromkeys(filter(None, names)))


def arguments_of(statement, sql):
    """By name or by number, as Python's sqlite3 takes them; too many are refused as by the real server."""
    named = {each["name"].lstrip("$:@?"): to_sqlite(each["value"]) for each in statement.get("named_args") or []}
    listed = [to_sqlite(each) for each in statement.get("args") or []]
    if named and listed:
        raise Malformed("args and named_args in one statement")
    if len(named or listed) > len(parameters_of(sql)):
        raise Refused("ARGS_INVALID", "more arguments than parameters")
    return named or listed


def statements_of(script):
    """The statements of a script, one by one: Python's own executescript would commit first."""
    text = ""
    for part in re.split(r"(?<=;)", script):
        text += part
        if sqlite3.complete_statement(text):
            yield text
            text = ""
    if text.strip():
        yield text


class Connection:
    def __init__(self, file, switches):
        self._switches = switches
        self._texts = {}
        self._database = sqlite3.connect(
            file, timeout=switches.busy_seconds, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.set_progress_handler(self._is_late, 20_000)
        self._late_at = 0.0

    def close(self):
        self._database.close()

    def _is_late(self):
        return 1 if time.monotonic() > self._late_at else 0

    def answer(self, request):
        """The response to one request of a pipeline, or Refused."""
        kind = request.get("type") if isinstance(request, dict) else None
        work = getattr(self, f"_do_{kind}", None)
        if work is None:
            raise Malformed(f"no request: {request}")
        try:
            return {"type": kind, **(work(request) or {})}
        except (KeyError, TypeError, AttributeError) as wrong:
            raise Malformed(f"{kind}: {wrong!r}") from wrong

    def _do_close(self, _):
        self.close()

    def _do_execute(self, request):
        return {"result": self._run(request["stmt"])}

    def _do_sequence(self, request):
        for sql in statements_of(self._text_of(request)):
            self._run({"sql": sql, "want_rows": False})

    def _do_batch(self, request):
        results, errors = [], []
        for step in request["batch"]["steps"]:
            result = error = None
            if self._holds(step.get("condition"), results, errors):
                try:
                    result = self._run(step["stmt"])
                except Refused as refused:
                    error = refused.as_json()
            results.append(result)
            errors.append(error)
        return {"result": {"step_results": results, "step_errors": errors}}

    def _do_describe(self, request):
        sql = self._text_of(request)
        names = parameters_of(sql)
        self._run({"sql": "EXPLAIN " + sql,
                   "named_args": [{"name": name, "value": {"type": "null"}} for name in names]})
        word = sql.split(None, 1)[0].upper()
        return {"result": {"params": [{"name": name} for name in names], "cols": [],
                           "is_explain": word == "EXPLAIN", "is_readonly": word in ("SELECT", "EXPLAIN")}}

    def _do_store_sql(self, request):
        self._texts[request["sql_id"]] = request["sql"]

    def _do_close_sql(self, request):
        self._texts.pop(request["sql_id"], None)

    def _do_get_autocommit(self, _):
        return {"is_autocommit": not self._database.in_transaction}

    def _text_of(self, holder):
        return holder["sql"] if "sql" in holder else self._texts[holder["sql_id"]]

    def _holds(self, condition, results, errors):
        match condition:
            case None:
                return True
            case {"type": "ok", "step": int(step)} if step < len(results):
                return results[step] is not None
            case {"type": "error", "step": int(step)} if step < len(errors):
                return errors[step] is not None
            case {"type": "not", "cond": inner}:
                return not self._holds(inner, results, errors)
            case {"type": "and", "conds": list(conditions)}:
                return all(self._holds(each, results, errors) for each in conditions)
            case {"type": "or", "conds": list(conditions)}:
                return any(self._holds(each, results, errors) for each in conditions)
            case {"type": "is_autocommit"}:
                return not self._database.in_transaction
        raise Malformed(f"no condition: {condition}")

    def _run(self, statement):
        sql = self._text_of(statement)
        arguments = arguments_of(statement, sql)
        self._switches.before_statement(sql)
        self._late_at = time.monotonic() + self._switches.statement_seconds
        changes_before = self._database.total_changes
        try:
            cursor = self._database.execute(sql, arguments)
            rows = cursor.fetchall()
        except (sqlite3.ProgrammingError, sqlite3.Warning) as wrong:  # of Python's module, not SQLite's
            code = "SQL_MANY_STATEMENTS" if "one statement" in str(wrong) else "ARGS_INVALID"
            raise Refused(code, str(wrong)) from wrong
        except sqlite3.Error as wrong:
            raise Refused(primary_name(wrong), f"SQLite error: {wrong}") from wrong
        columns = [{"name": each[0], "decltype": None} for each in cursor.description or ()]
        return {
            "cols": columns,
            "rows": [[from_sqlite(cell) for cell in row] for row in rows] if statement.get("want_rows", True) else [],
            "affected_row_count": self._changes(changes_before),
            "last_insert_rowid": str(cursor.lastrowid) if cursor.lastrowid else None,
            "rows_read": len(rows),
        }

    def _changes(self, before):
        if self._database.total_changes == before:
            return 0
        return self._database.execute("SELECT changes()").fetchone()[0]


def primary_name(error):
    """SQLITE_CONSTRAINT_UNIQUE -> SQLITE_CONSTRAINT, which is what the public server sends."""
    return "_".join(getattr(error, "sqlite_errorname", "SQLITE_ERROR").split("_")[:2])
