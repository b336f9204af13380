"""The report and the file of earnings beside what a shop has without paylink."""
