"""Who works together: partners per item, the contact book, the lists of responsibilities."""
