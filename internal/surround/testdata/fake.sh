#!/bin/sh
# Plays a recording under the name of the program it is linked as: PROGRAM.FIRST-ARGUMENT.out, .err and .code beside the
# link, or a .sh that is run instead. Notes its calls and what it finds in its environment.
dir=$(dirname "$0")
key=$(basename "$0").$1
printf '%s\n' "$(basename "$0") $*" >>"$dir/calls"
env >>"$dir/environment"
if [ -f "$dir/$key.sh" ]; then
	. "$dir/$key.sh"
	exit
fi
if [ -f "$dir/$key.err" ]; then cat "$dir/$key.err" >&2; fi
if [ -f "$dir/$key.out" ]; then cat "$dir/$key.out"; fi
if [ -f "$dir/$key.code" ]; then exit "$(cat "$dir/$key.code")"; fi
