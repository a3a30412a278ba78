"""What BPMN 2.0.2 itself demands of a file: its schema, its references and the constraints of its text."""
