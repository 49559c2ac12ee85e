"""From a `TableSpec` to the text of a module, its test and its documentation."""
