# What the alert scripts share: the arguments, the health document, the end.
# Written for any POSIX shell; needs curl and jq.
#
#   QSLBOX_URL    the service, default http://127.0.0.1:3001
#   QSLBOX_KEY    an API key with the scope metrics, needed from another machine
#
# Each script prints one line and ends with 0 (well), 1 (a person should look)
# or 2 (critical, or not reachable), as Nagios and its heirs expect.

url=${QSLBOX_URL:-http://127.0.0.1:3001}

finish() {
	case $1 in
	0) printf 'OK - %s\n' "$2" ;;
	1) printf 'WARNING - %s\n' "$2" ;;
	*) printf 'CRITICAL - %s\n' "$2" ;;
	esac
	exit "$1"
}

# fetch PATH puts the document into $document. 503 comes with a document, too.
# The key goes to curl by its standard input, where no process list shows it.
fetch() {
	document=$(
		if [ -n "$QSLBOX_KEY" ]; then
			printf 'header = "Authorization: Bearer %s"\n' "$QSLBOX_KEY"
		fi | curl --silent --show-error --max-time 10 --config - "${url%/}$1" 2>&1
	) || finish 2 "$url is not reachable: $document"
	printf '%s' "$document" | jq -e 'type == "object"' >/dev/null 2>&1 ||
		finish 2 "the answer of $url is no document"
}

# ask FILTER prints what jq finds in the document.
ask() { printf '%s' "$document" | jq -r "$1"; }

# detailed ends the script if the document has the public members only.
detailed() {
	[ "$(ask '.performance != null')" = true ] ||
		finish 2 "$(ask '.error.message // "the answer has no figures: set QSLBOX_KEY to a key with the scope metrics"')"
}

# number NAME VALUE ends the script if VALUE is no decimal number.
number() {
	printf '%s' "$2" | grep -Eq '^[0-9]+(\.[0-9]+)?$' || finish 2 "$1: \"$2\" is no number"
}

# over A B tells whether A is greater than B; both may have decimals.
over() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 > b + 0) }'; }
