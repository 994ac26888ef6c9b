"""Recording a printer: what it answers, without a word about whose it is."""
