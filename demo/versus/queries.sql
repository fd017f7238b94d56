-- The questions of a log program that keeps its QSOs in SQLite, for both peers.
-- "any" is any confirmation; a column for each issuer, 0 or 1.

-- name: table
CREATE TABLE contact(
  id INTEGER PRIMARY KEY, call TEXT NOT NULL, own TEXT, start TEXT NOT NULL, year INTEGER NOT NULL, band TEXT NOT NULL, mode TEXT NOT NULL,
  submode TEXT, mhz REAL, dxcc INTEGER, cqz INTEGER, ituz INTEGER, state TEXT, grid TEXT, iota TEXT, dok TEXT, lotw INTEGER NOT NULL,
  dcl INTEGER NOT NULL, card INTEGER NOT NULL, confirmed INTEGER NOT NULL)

-- name: insert
INSERT INTO contact VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)

-- name: index
CREATE INDEX contact_call ON contact(call);
CREATE INDEX contact_start ON contact(start);
CREATE INDEX contact_year ON contact(year, confirmed);
CREATE INDEX contact_mode ON contact(mode, confirmed);
CREATE INDEX contact_award ON contact(dxcc, band, mode, confirmed)

-- name: statistics
SELECT COUNT(*), SUM(confirmed), COUNT(DISTINCT NULLIF(dxcc, 0)), COUNT(DISTINCT band), COUNT(DISTINCT mode) FROM contact

-- name: matrix
SELECT dxcc, band, CASE WHEN mode = 'CW' THEN 0 WHEN mode IN ('SSB', 'AM', 'FM', 'DIGITALVOICE') THEN 1 ELSE 2 END AS class,
  COUNT(*), MAX(confirmed) FROM contact GROUP BY dxcc, band, class

-- name: calls
SELECT COUNT(DISTINCT call) FROM contact

-- name: bandmode
SELECT band, mode, COUNT(*), SUM(confirmed) FROM contact GROUP BY band, mode

-- name: years
SELECT year, COUNT(*), SUM(confirmed) FROM contact GROUP BY year

-- name: cells
SELECT dxcc, band, mode, COUNT(*), SUM(confirmed) FROM contact GROUP BY dxcc, band, mode
