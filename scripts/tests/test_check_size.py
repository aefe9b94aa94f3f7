"""check_size.py finds what is too long and measures functions of every shape the house uses."""

import pytest

from check_size import FILE_LINES_MAX, FUNCTION_LINES_MAX, TEST_FILE_LINES_MAX, cpp_functions, violations


def measured(text: str) -> list[tuple[str, int, int]]:
    return [tuple(function) for function in cpp_functions(text)]


def long_function(lines: int, head: str = "int work() {") -> str:
    return "\n".join([head, *["    step();"] * (lines - 2), "}"]) + "\n"


@pytest.mark.parametrize(("file", "lines_max"), [
    ("src/platform/core/text.cpp", FILE_LINES_MAX),
    ("src/platform/core/text.h", FILE_LINES_MAX),
    ("scripts/sweep.py", FILE_LINES_MAX),
    ("src/platform/core/tests/text_test.cpp", TEST_FILE_LINES_MAX),
    ("tests/test_orders.py", TEST_FILE_LINES_MAX),
])
def test_a_file_that_is_too_long_is_found(tree, file, lines_max):
    tree.write(file, "\n" * lines_max)
    assert list(violations(tree.root)) == []

    tree.write(file, "\n" * (lines_max + 1))
    [found] = violations(tree.root)
    assert f"the file has {lines_max + 1} lines, {lines_max} are the limit" in found


@pytest.mark.parametrize("file", ["src/services/flash/schema/001_orders.sql", "web/waiting/index.html"])
def test_sql_and_pages_are_not_counted(tree, file):
    tree.write(file, "\n" * 1000)

    assert list(violations(tree.root)) == []


def test_a_function_that_is_too_long_is_found_by_name_and_line(tree):
    tree.write("src/main/main.cpp", "namespace souk {\n" + long_function(FUNCTION_LINES_MAX) + "}\n")
    assert list(violations(tree.root)) == []

    tree.write("src/main/main.cpp", "namespace souk {\n" + long_function(FUNCTION_LINES_MAX + 1) + "}\n")
    assert list(violations(tree.root)) == ["src/main/main.cpp:2: work has 61 lines, 60 are the limit"]


def test_a_python_function_that_is_too_long_is_found(tree):
    tree.write("bench/run.py", "def work():\n" + "    pass\n" * 60)

    assert list(violations(tree.root)) == ["bench/run.py:1: work has 61 lines, 60 are the limit"]


@pytest.mark.parametrize("head", [
    "Task<Result<Link>> Operations::shorten(UserId owner) {",
    "Operations::Operations(Store& store) : store_(store), count_{0}, names_{{1, 2}} {",
    "Result<> check() const noexcept override {",
    "auto first() const -> std::optional<int> {",
    "template <typename Value>\nbool operator==(const Value& one, const Value& other) {",
    "template <typename Value>\n    requires std::is_enum_v<Value>\nint number(Value value) {",
    "TEST(Links, a_taken_code_is_refused) {",
    'extern "C" int handle(void* data) {',
    "[[nodiscard]] int size() {",
    "Deps make(int size = int{3}) {",
])
def test_every_shape_of_function_is_measured(tree, head):
    tree.write("src/main/main.cpp", long_function(80, head))

    [found] = violations(tree.root)

    assert found.startswith("src/main/main.cpp:1: ")


def test_functions_inside_classes_and_namespaces_are_measured_one_by_one():
    text = """
namespace souk::core {
class Loop final : public Base<int (*)()> {
public:
    explicit Loop(int size) : size_{size} {
        start();
    }
    int size() const { return size_; }

private:
    std::function<void(int)> handler_{};
    int size_{0};
};
enum class Kind { one, two };
}  // namespace souk::core
"""
    assert measured(text) == [("Loop", 5, 3), ("size", 8, 1)]


def test_braces_in_text_and_comments_do_not_count():
    text = '''int one() {
    // } not this
    /* } nor this */
    say("}", '}', R"sql(} " })sql", 1'000'000);
#define BRACE }
    return 1;
}
int two() { return 2; }
'''
    assert measured(text) == [("one", 1, 7), ("two", 8, 1)]


def test_a_long_table_is_not_a_function(tree):
    table = "const std::vector<Row> rows = {\n" + '    {"a", call(1)},\n' * 100 + "};\nint after() {\n}\n"
    tree.write("src/main/main.cpp", table)

    assert list(violations(tree.root)) == []
