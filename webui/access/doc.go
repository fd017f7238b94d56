// Package access holds the rules of who may do what: users and their
// passwords, sessions, API keys, the one-time code of the first start, the
// throttle against guessing, and the audit trail. It speaks no HTTP and knows
// no database: package webui asks it, a [Table] keeps its records.
//
// Passwords are kept as argon2id hashes, sessions and keys as SHA-256 of
// random tokens: what is stored lets nobody in. Who asks is an [Identity];
// [Identity.May] is the one place that decides. Start reading there.
package access
