#!/bin/sh
# Becomes nginx: fills in the template, which can read no environment, and keeps its process id.
# Arguments: the directory of nginx's modules, a directory for what it writes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
sed -e "s|@HERE@|$here|" -e "s|@MODULES@|$1|" -e "s|@DIRECTORY@|$2|" \
    -e "s|@HOST@|$HOST|" -e "s|@PORT@|$PORT|" \
    -e "s|@USER@|${USER_SERVICE_URL#http://}|" \
    -e "s|@ORDERS@|${ORDER_SERVICE_URL#http://}|" \
    -e "s|@RECOMMENDATIONS@|${RECOMMENDATION_SERVICE_URL#http://}|" \
    "$here/nginx.conf.template" > "$2/nginx.conf"
exec nginx -p "$2" -c "$2/nginx.conf"
