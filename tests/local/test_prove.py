from kwiga.local.prove import Count, read_counts, table

REPORT = """<testsuites><testsuite>
<testcase classname="tests.concurrency.test_team" name="test_last_owner[1]"/>
<testcase classname="tests.concurrency.test_team" name="test_last_owner[2]"><failure message="x"/></testcase>
<testcase classname="tests.concurrency.test_team" name="test_last_owner[3]"><error message="x"/></testcase>
<testcase classname="tests.browser.test_axe" name="test_page[start-dark]"/>
<testcase classname="tests.browser.test_axe" name="test_skipped"><skipped/></testcase>
</testsuite></testsuites>"""


def test_the_runs_of_a_test_are_counted_together(tmp_path):
    (tmp_path / "report.xml").write_text(REPORT)
    assert read_counts(tmp_path / "report.xml") == [
        Count("browser.test_axe::test_page", 1, 0),
        Count("browser.test_axe::test_skipped", 0, 1),
        Count("concurrency.test_team::test_last_owner", 1, 2),
    ]


def test_the_table_ends_with_the_sum():
    lines = table([Count("one", 20, 0), Count("another", 18, 2)]).splitlines()
    assert [line.split() for line in lines if line and not line.startswith("-")] == [
        ["name", "runs", "passed", "failed"],
        ["one", "20", "20", "0"],
        ["another", "20", "18", "2"],
        ["all", "40", "38", "2"],
    ]
