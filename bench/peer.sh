#!/bin/sh
# peer.sh DIR PROGRAM ARGS...: a llama.cpp program of a Debian package that was unpacked into DIR/root, with the
# CPU variant that ggml itself would choose. AMX comes first: a processor with AMX has all that zen4 asks for as well.
set -eu
root=$1/root/usr; program=$2; shift 2
lib=$(dirname "$(find "$root/lib" -name 'libllama.so*' | head -n 1)")
fits() { for flag in "$@"; do grep -qw "$flag" /proc/cpuinfo || return 1; done; }
variant=x64
if fits amx_tile amx_int8; then variant=sapphirerapids
elif fits avx512_bf16 avx512_vnni avx512vbmi; then variant=zen4
elif fits avx512_vnni avx512vbmi; then variant=icelake
elif fits avx512_vnni; then variant=cascadelake
elif fits avx512f avx512bw; then variant=skylakex
elif fits avx_vnni; then variant=alderlake
elif fits avx2 fma bmi2; then variant=haswell
elif fits avx; then variant=sandybridge
fi
export GGML_BACKEND_PATH="$lib/ggml/backends0/libggml-cpu-$variant.so"
loader=$(find "$root" -name 'ld-linux*.so.2' | head -n 1)
case " $* " in *" --models-dir "*)
	# The router starts itself again by the path that the kernel has of it, which must be its own and not the loader's:
	# so the loader lies, for this process alone, where the program asks for it. That needs root.
	# shellcheck disable=SC2016 # these are the inner shell's
	exec unshare -m sh -c 'mount --bind "$1" /lib64/ld-linux-x86-64.so.2 && export LD_LIBRARY_PATH="$2" && shift 2 && exec "$@"' \
		sh "$loader" "$lib:$lib/llama" "$root/bin/$program" "$@" ;;
esac
exec "$loader" --library-path "$lib:$lib/llama" "$root/bin/$program" "$@"
