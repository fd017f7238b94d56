// The design of the predecessor on Node: QSOs in SQLite, statistics by SQL.
//   node peer.mjs insert ROWS DB QUERIES     parsed rows into a table with indexes
//   node peer.mjs query DB QUERIES REPEATS   statistics, DXCC matrix, dashboard
//   node peer.mjs serve DB QUERIES PORT      GET / answers the statistics
//   node peer.mjs parse adif-parser-ts FILE  a parser from npm
// Each figure is a line "name value".
import { createServer } from "node:http";
import { readFileSync } from "node:fs";

const [command, first, second, third] = process.argv.slice(2);
const say = (name, value) => console.log(name, value);
const clock = (work) => {
  const began = performance.now();
  work();
  return performance.now() - began;
};
const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];

const queries = (file) => {
  const found = {};
  for (const part of readFileSync(file, "utf8").split("-- name: ").slice(1)) {
    const end = part.indexOf("\n");
    found[part.slice(0, end).trim()] = part.slice(end).trim();
  }
  return found;
};

const open = async (file) => {
  const { default: Database } = await import("better-sqlite3");
  const db = new Database(file);
  for (const pragma of ["journal_mode = WAL", "synchronous = NORMAL", "cache_size = -65536", "mmap_size = 1073741824"]) db.pragma(pragma);
  return db;
};

const insert = async (rowsFile, file, sql) => {
  const rows = readFileSync(rowsFile, "utf8").split("\n").filter(Boolean).map((line) => line.split("\t"));
  const db = await open(file);
  db.exec(sql.table);
  const statement = db.prepare(sql.insert);
  const ms = clock(() => {
    db.transaction(() => rows.forEach((row) => statement.run(...row)))();
    db.exec(sql.index);
    db.pragma("wal_checkpoint(TRUNCATE)");
  });
  say("insert_per_s", (rows.length / ms) * 1000);
};

// dashboard is what ours computes in one pass: each question on its own, or as
// few as possible and the rest added up here.
const dashboard = (ask) => ["statistics", "matrix", "calls", "bandmode", "years"].map(ask);
const tuned = (ask) => {
  const bandMode = new Map(), slots = new Map(), entities = new Set();
  let total = 0, confirmed = 0;
  for (const [dxcc, band, mode, worked, ok] of ask("cells")) {
    total += worked;
    confirmed += ok;
    if (dxcc) entities.add(dxcc);
    const cell = `${band} ${mode}`, slot = `${dxcc} ${band} ${mode === "CW" ? 0 : ["SSB", "AM", "FM", "DIGITALVOICE"].includes(mode) ? 1 : 2}`;
    bandMode.set(cell, (bandMode.get(cell) ?? 0) + worked);
    slots.set(slot, slots.get(slot) || ok > 0);
  }
  ask("calls");
  ask("years");
  return [total, confirmed, bandMode, slots, entities];
};

const query = async (file, sql, repeats) => {
  const db = await open(file);
  const ask = (name) => db.prepare(sql[name]).raw().all();
  const [counts] = ask("statistics");
  ["total", "confirmed", "entities", "bands", "modes"].forEach((name, i) => say(`count_${name}`, counts[i]));
  const time = (work) => (work(), middle(Array.from({ length: repeats }, () => clock(work))));
  say("statistics_ms", time(() => ask("statistics")));
  say("matrix_ms", time(() => ask("matrix")));
  say("dashboard_ms", time(() => dashboard(ask)));
  say("tuned_ms", time(() => tuned(ask)));
  say("json_ms", time(() => JSON.stringify(dashboard(ask))));
  const cache = new Map([["statistics", { at: Date.now(), counts }]]);
  let sum = 0;
  say("hit_ns", time(() => { for (let i = 0; i < 1e6; i++) { const e = cache.get("statistics"); if (Date.now() - e.at < 3e5) sum += e.counts[0]; } }));
};

const serve = async (file, sql, port) => {
  const db = await open(file);
  const statement = db.prepare(sql.statistics).raw();
  createServer((_, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(statement.get()));
  }).listen(Number(port), "127.0.0.1");
};

const parse = async (name, file) => {
  const { AdifParser } = await import(name);
  const began = performance.now(), text = readFileSync(file, "utf8");
  const records = AdifParser.parseAdi(text).records.length;
  say("parse_mb_per_s", Buffer.byteLength(text) / 1e3 / (performance.now() - began));
  say("count_records", records);
};

switch (command) {
  case "insert": await insert(first, second, queries(third)); break;
  case "query": await query(first, queries(second), Number(third)); break;
  case "serve": await serve(first, queries(second), third); break;
  case "parse": await parse(first, second); break;
}
