"""What squawk's seventeen rules mean here, in our own words and the voice of our findings."""

from __future__ import annotations

from typing import NamedTuple


class Said(NamedTuple):
    """A finding's title and scenario (`{name}` is the object touched), and what to do."""

    title: str
    why: str
    fix: str


_ADD_AND_FILL = (
    "Add it nullable, release code that writes it, fill it in batches, then set NOT NULL over a validated CHECK."
)
_EXPAND = "Add the new one beside it, move readers and writers over release by release, and drop the old one last."

WORDS: dict[str, Said] = {
    "adding-required-field": Said(
        "{name} is required from the first moment",
        "{name} is added NOT NULL with no default: the statement fails on a table with rows, and INSERTs of the running release fail after it.",
        _ADD_AND_FILL,
    ),
    "adding-not-nullable-field": Said(
        "Setting {name} NOT NULL scans the table under a lock",
        "SET NOT NULL on {name} reads every row while it holds ACCESS EXCLUSIVE: reads and writes of the table wait until it is done.",
        "Add CHECK (… IS NOT NULL) NOT VALID, VALIDATE it in its own transaction, then SET NOT NULL and drop the CHECK.",
    ),
    "adding-field-with-default": Said(
        "{name} is added with a default that rewrites the table",
        "The default of {name} is computed per row: PostgreSQL rewrites the whole table under ACCESS EXCLUSIVE, and every query on it waits.",
        "Add the column without the default, set the default for new rows, and fill old rows in batches.",
    ),
    "adding-foreign-key-constraint": Said(
        "The foreign key on {name} checks every row under a lock",
        "Adding the constraint to {name} scans the table while writes to both tables wait.",
        "Add it NOT VALID, then VALIDATE CONSTRAINT in its own transaction: that lets writes through.",
    ),
    "adding-serial-primary-key-field": Said(
        "The new key column {name} rewrites the table",
        "A serial primary key on {name} numbers every existing row in one statement, under ACCESS EXCLUSIVE.",
        "Add a nullable column, fill it in batches, build a unique index CONCURRENTLY, then attach it as the key.",
    ),
    "constraint-missing-not-valid": Said(
        "The constraint on {name} checks every row under a lock",
        "The constraint on {name} is validated as it is added: the table is scanned while writes wait.",
        "Add it NOT VALID, then VALIDATE CONSTRAINT in its own transaction.",
    ),
    "disallowed-unique-constraint": Said(
        "The unique constraint on {name} builds its index under a lock",
        "ADD UNIQUE on {name} builds the index while it holds ACCESS EXCLUSIVE: nobody reads or writes the table meanwhile.",
        "Build the unique index CONCURRENTLY, then ADD CONSTRAINT … USING INDEX.",
    ),
    "changing-column-type": Said(
        "Changing the type of {name} rewrites the table",
        "The new type of {name} makes PostgreSQL rewrite table and indexes under ACCESS EXCLUSIVE, and code of the running release still expects the old type.",
        _EXPAND,
    ),
    "renaming-column": Said(
        "{name} is renamed under running code",
        "The release that runs during the roll-out, and the one a roll-back returns to, still say the old name: their queries fail.",
        _EXPAND,
    ),
    "renaming-table": Said(
        "Table {name} is renamed under running code",
        "The release that runs during the roll-out, and the one a roll-back returns to, still say the old name: their queries fail.",
        "Rename, and leave a view with the old name until no release uses it.",
    ),
    "ban-drop-column": Said(
        "{name} is dropped while released code may read it",
        "Queries of the running release that name {name} fail as soon as it is gone, and its data cannot be rolled back.",
        "Release code that no longer names it, wait until that runs everywhere, then drop it.",
    ),
    "ban-drop-table": Said(
        "Table {name} is dropped while released code may use it",
        "Queries of the running release on {name} fail as soon as it is gone, and its data cannot be rolled back.",
        "Release code that no longer uses it, keep a backup, then drop it.",
    ),
    "ban-truncate-cascade": Said(
        "TRUNCATE … CASCADE on {name} empties other tables too",
        "Every table with a foreign key to {name}, and every table behind those, loses all its rows.",
        "Name the tables to be emptied, or delete rows in batches.",
    ),
    "require-concurrent-index-creation": Said(
        "Writes to the table wait while {name} is built",
        "CREATE INDEX holds a SHARE lock until {name} is built: INSERT, UPDATE and DELETE on the table wait for all of it.",
        "CREATE INDEX CONCURRENTLY, outside a transaction.",
    ),
    "require-concurrent-index-deletion": Said(
        "Queries wait while {name} is dropped",
        "DROP INDEX takes ACCESS EXCLUSIVE on the table: it waits for running queries, and new ones queue behind it.",
        "DROP INDEX CONCURRENTLY, outside a transaction.",
    ),
    "ban-concurrent-index-creation-in-transaction": Said(
        "{name} cannot be built concurrently inside a transaction",
        "PostgreSQL refuses CREATE INDEX CONCURRENTLY inside a transaction block: the migration stops here on the first real run.",
        "Run this migration without a transaction (the tool's own switch for it), with nothing else in it.",
    ),
    "ban-drop-constraint": Said(
        "A constraint on {name} goes away",
        "Rows that break the rule can be written from now on, by every release that runs.",
        "Say who enforces the rule from here on, or keep the constraint.",
    ),
}


def words_for(rule: str, name: str) -> Said:
    """The words for a rule, with the object's name in code marks."""
    said = WORDS[rule]
    shown = f"`{name}`" if name else "it"
    return Said(said.title.format(name=shown), said.why.format(name=shown), said.fix)
