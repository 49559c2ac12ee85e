"""What every module stands on: settings, database, errors, routing, paging, security."""
