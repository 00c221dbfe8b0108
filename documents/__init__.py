"""Files in and out: notices, rosters, uploads, exports."""
