"""JUnit XML, for pipelines that show test results: a case for each file, a failure for each finding.

A file that was left out is skipped; one that should have been reviewed and was not is an error, never a pass.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from reviewer.nouns.finding import Finding
from reviewer.nouns.review import CoverageStatus, FileCoverage, Review, Verdict
from reviewer.reporters import plain, unseen, view
from reviewer.reporters.look import PLAIN, Look
from reviewer.reporters.words import Words, words


def render(review: Review, look: Look = PLAIN) -> str:
    """The document as text."""
    del look
    w = words(review.language)
    suite = ET.Element("testsuite", name=w("title"))
    in_scope = {skip.path for skip in review.skips if skip.in_scope}
    covered = {file.path for file in review.coverage.files}
    for file in review.coverage.files:
        case = _case(suite, file.path, [f for f in review.findings if f.path == file.path], w)
        _coverage(case, file, file.path in in_scope, w)
    for path in dict.fromkeys(f.path for f in review.findings if f.path not in covered):
        _case(suite, path, [f for f in review.findings if f.path == path], w)
    if review.verdict is Verdict.INCOMPLETE and not suite.findall("testcase/error"):
        case = ET.SubElement(suite, "testcase", classname="design-review", name=w("section.coverage"))
        ET.SubElement(case, "error", message=w("verdict-means.incomplete"), type="incomplete")
    for name, tag in (
        ("tests", "testcase"),
        ("failures", "testcase/failure"),
        ("errors", "testcase/error"),
        ("skipped", "testcase/skipped"),
    ):
        suite.set(name, str(len(suite.findall(tag))))
    suite.set("time", f"{review.usage.wall_seconds:.3f}")
    root = ET.Element("testsuites", {"name": w("title"), **{k: v for k, v in suite.attrib.items() if k != "name"}})
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, path: str, findings: list[Finding], w: Words) -> ET.Element:
    case = ET.SubElement(suite, "testcase", classname="design-review", name=_xml(path), file=_xml(path))
    for finding in view.ordered(findings):
        severity, category = w(f"severity.{finding.severity}"), w(f"category.{finding.category}")
        where = view.place(finding.path, finding.start_line, finding.end_line)
        failure = ET.SubElement(
            case, "failure", message=_xml(f"{severity} {category}: {plain.title(finding)}"), type=_xml(finding.hazard)
        )
        failure.text = _xml(f"{where}\n\n{plain.message(finding, w)}")
    return case


def _coverage(case: ET.Element, file: FileCoverage, in_scope: bool, w: Words) -> None:
    if file.status is CoverageStatus.PARTIAL or (in_scope and file.status is CoverageStatus.SKIPPED):
        lines = w("coverage.of", done=w.number(file.reviewed_lines), all=w.number(file.changed_lines))
        ET.SubElement(case, "error", message=_xml(f"{lines}: {file.reason}"), type="not-reviewed")
    elif file.status is CoverageStatus.SKIPPED and not len(case):
        ET.SubElement(case, "skipped", message=_xml(file.reason))


def _xml(text: str) -> str:
    """XML 1.0 has no way to write a control character."""
    return unseen.reveal(plain.clean(text))
