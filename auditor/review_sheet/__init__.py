"""
A review as a spreadsheet: one workbook for each reviewer, filled in anywhere, and brought in again.

What stands in it is what the page shows, in the same words. It changes nothing but through the desk
(`auditor.review.desk`), so a decision that comes in a workbook obeys every rule that one on the page obeys. Sheet
protection is against slips, and proves nothing: what comes back is compared with the review, cell by cell.
"""
