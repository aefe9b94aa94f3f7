"""sum_results.py counts what ran, and never takes a crash or an empty run for a success."""

from sum_results import main

CTEST = """<testsuite tests="4">
  <testcase name="Links.one" classname="Links.one" status="run"/>
  <testcase name="Links.two" classname="Links.two" status="fail"><failure message=""/></testcase>
  <testcase name="Links.three" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/></testcase>
  <testcase name="Links.lost" status="notrun"><skipped message="Unable to find executable"/></testcase>
</testsuite>"""
PYTEST = """<testsuites><testsuite>
  <testcase classname="tests.test_a" name="test_one"/>
  <testcase classname="tests.test_a" name="test_two"><error message="no port"/></testcase>
  <testcase classname="tests.test_a" name="test_three"><skipped message="no browser"/></testcase>
</testsuite></testsuites>"""
ALL_PASSED = '<testsuite><testcase name="a" status="run"/><testcase name="b" status="run"/></testsuite>'


def summed(tree, capsys) -> tuple[int, str]:
    status = main(tree.root)
    return status, capsys.readouterr().out.splitlines()[-1]


def test_ctest_pytest_and_steps_are_added(tree, capsys):
    tree.write("cpp-dev.xml", CTEST)
    tree.write("cpp-dev.status", "8\n")
    tree.write("tests.xml", PYTEST)
    tree.write("tests.status", "1\n")
    tree.write("steps.tsv", "check: format\tpassed\ncheck: layers\tfailed\n")

    assert summed(tree, capsys) == (1, "3 passed, 4 failed")


def test_all_passed_is_a_success(tree, capsys):
    tree.write("cpp-dev.xml", ALL_PASSED)
    tree.write("cpp-dev.status", "0\n")

    assert summed(tree, capsys) == (0, "2 passed, 0 failed")


def test_a_runner_that_wrote_no_report_has_failed(tree, capsys):
    tree.write("tests.status", "4\n")

    assert summed(tree, capsys) == (1, "0 passed, 1 failed")


def test_a_runner_that_failed_without_a_failed_test_has_failed(tree, capsys):
    tree.write("cpp-dev.xml", ALL_PASSED)
    tree.write("cpp-dev.status", "139\n")

    assert summed(tree, capsys) == (1, "2 passed, 1 failed")


def test_a_broken_report_has_failed(tree, capsys):
    tree.write("tests.xml", "<testsuite><testcase")
    tree.write("tests.status", "0\n")

    assert summed(tree, capsys) == (1, "0 passed, 1 failed")


def test_no_test_at_all_is_a_failure(tree, capsys):
    tree.write("steps.tsv", "check: format\tpassed\n")

    assert summed(tree, capsys) == (1, "1 passed, 0 failed")
