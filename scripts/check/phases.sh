# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The phases of ./check: each tells what it does and how long it took, and notes its results in
# $results, one fact a line (see scripts/check/count). Read by ./check and scripts/check/bare.

results=$(mktemp)
build_log=$(mktemp)
times_log=$(mktemp)
builder= # of ahead
declare -A suites=() # for which ones a directory is built; everything, if it is not named
trap 'stop_builder; rm -f "$results" "$build_log" "$times_log"' EXIT
processors=$(nproc)
: "${CHECK_PROGRESS_SECONDS:=10}"

announce() {
    printf '== %s\n' "$1"
}

# begin; took: print how long it has been since, for us and for the processors. Phases follow each
# other, so that there is one beginning. What outlives the one who started it is not counted.
begin() {
    begun=$SECONDS
    read_processor_time
    begun_processor=$processor_time
}
took() {
    read_processor_time
    printf '    %d s, %d s of processor time\n' $((SECONDS - begun)) $((processor_time - begun_processor))
}
read_processor_time() {
    times >"$times_log" # of this shell's children; $(times) would tell of a new one's
    processor_time=$(awk -F '[ ms]+' 'NR == 2 { printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }' "$times_log")
}

# record passed COUNT | failed NAME WHY | skipped NAME REASON
record() {
    local IFS=$'\t'
    printf '%s\n' "$*" >>"$results"
}

# Run a command quietly into $build_log; its last line is shown every few seconds.
quietly() {
    "$@" >>"$build_log" 2>&1 </dev/null &
    local pid=$! waited=0
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        waited=$((waited + 1))
        if ((waited % CHECK_PROGRESS_SECONDS == 0)); then
            printf '    %3d s: %.90s\n' "$waited" "$(tail -n 1 "$build_log")"
        fi
    done
    wait "$pid"
}

# set_up DIRECTORY [MESON-OPTION...]: what went wrong is told by compile.
set_up() {
    : >"$build_log"
    [[ -f $1/build.ninja ]] || quietly meson setup "$@" || true
}

# compile LABEL DIRECTORY [TARGET...]: a failure is recorded and returned.
compile() {
    local label=$1 directory=$2
    shift 2
    if [[ -f $directory/build.ninja ]] && quietly ninja -C "$directory" -j "$processors" "$@"; then
        record passed 1
        took
        return 0
    fi
    grep -E -A 5 'error|FAILED|undefined reference' "$build_log" | head -n 60 || tail -n 40 "$build_log"
    record failed "$label" "does not build"
    return 1
}

# find_targets DIRECTORY [MESON-OPTION...]: set up; what is built there; nothing is everything.
find_targets() {
    set_up "$@"
    targets=()
    [[ -n ${suites[$1]:-} && -f $1/build.ninja ]] || return 0
    # shellcheck disable=SC2086 # words
    mapfile -t targets < <(scripts/check/targets "$1" ${suites[$1]} || true)
}

# build LABEL DIRECTORY [MESON-OPTION...]: set up and compile.
build() {
    local label=$1 directory=$2
    shift 2
    announce "$label"
    begin
    stop_builder
    find_targets "$directory" "$@"
    compile "$label" "$directory" "${targets[@]}"
}

# ahead DIRECTORY FIND [ARGUMENT...]: begin to build where the tests of another one leave a processor
# idle. FIND, a function, finds the targets, and takes what set_up does. 'build' and 'cover' take over
# from what is done by then.
ahead() {
    local directory=$1 find=$2
    shift 2
    (
        trap 'wait; exit' TERM # what sets up ends by itself
        renice -n 15 "$BASHPID"
        "$find" "$directory" "$@"
        exec ninja -C "$directory" -j "$processors" "${targets[@]}"
    ) >/dev/null 2>&1 </dev/null &
    builder=$!
}

stop_builder() {
    [[ -z $builder ]] || kill "$builder" 2>/dev/null || true
    [[ -z $builder ]] || wait "$builder" || true
    builder=
}

# run_tests LABEL DIRECTORY [MESON-TEST-OPTION...]
run_tests() {
    local label=$1 directory=$2 log
    shift 2
    announce "$label"
    begin
    log=check-${label//[^a-zA-Z]/-}
    rm -f "$directory/meson-logs/$log.json"
    # Most tests wait for daemons more than they work, and each may take three times as long as where it
    # is alone. What counts is the log, which knows each single test; meson's exit code does not.
    meson test -C "$directory" --no-rebuild --logbase "$log" --num-processes $((3 * processors)) -t 3 "$@" \
        </dev/null 2>&1 | sed -u -n '/^ *[0-9]*\/[0-9]* /p; /^Summary of Failures/q; /^ERROR/p' || true
    scripts/check/count "$label" "$directory/meson-logs/$log.json" "$results"
    took
}

# keep_logs DIRECTORY: have the tests that are run from here on leave their programs' logs there.
keep_logs() {
    rm -rf "$1"
    export JPKI_TEST_KEPT=$1
}

# search_logs BUILD-DIRECTORY: that no secret is in what was left since keep_logs, which goes then.
search_logs() {
    local line
    announce "search of all logs for secrets"
    begin
    while IFS= read -r line; do
        echo "    $line"
        case $line in
        ok*) record passed 1 ;;
        "not ok"*) record failed "logs, ${line#not ok * - }" "see the lines above" ;;
        esac
    done < <(scripts/check/canaries "$JPKI_TEST_KEPT" "$1/bin" 2>&1 || [[ $? == 2 ]] || echo "not ok 0 - the search was made")
    took
    rm -rf "$JPKI_TEST_KEPT"
    unset JPKI_TEST_KEPT
}

# find_rooms DIRECTORY ROOM...: set up; the tests that are about these rooms, and what is built for them.
find_rooms() {
    local directory=$1 name target
    shift
    set_up "$directory" -Db_coverage=true -Dbuildtype=debug -Dwerror=false -Dui=disabled
    quietly ninja -C "$directory" build.ninja || true # there may be new tests
    names=() targets=(tests/support/made-keys)
    while read -r name target; do
        names+=("$name")
        targets+=("$target")
    done < <(scripts/check/coverage tests "$directory" "$@" || true)
}

# cover DIRECTORY ROOM...: build and run what is about these rooms, and see how much of them ran.
cover() {
    local directory=$1 names=()
    shift
    announce "coverage of $*"
    begin
    stop_builder
    find_rooms "$directory" "$@"
    compile "coverage of $*" "$directory" "${targets[@]}" || return 0
    find "$directory" -name '*.gcda' -delete # of earlier runs, or of code that is no more
    run_tests "for coverage of rooms" "$directory" -t 4 "${names[@]}"
    scripts/check/coverage measure "$directory" "$results" "$@"
}

# Print failures, skips and the sum; exit with 0 only if nothing failed.
summary() {
    local passed failed skipped
    passed=$(awk -F '\t' '$1 == "passed" { n += $2 } END { print n + 0 }' "$results")
    failed=$(grep -c '^failed' "$results" || true)
    skipped=$(grep -c '^skipped' "$results" || true)
    awk -F '\t' '$1 == "failed" { printf "FAILED  %s: %s\n", $2, $3 }' "$results"
    awk -F '\t' '$1 == "skipped" { printf "skipped %s: %s\n", $2, $3 }' "$results"
    read_processor_time
    printf 'took %d min %d s, %d s of processor time\n' $((SECONDS / 60)) $((SECONDS % 60)) "$processor_time"
    if ((skipped > 0)); then
        printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    else
        printf '%d passed, %d failed\n' "$passed" "$failed"
    fi
    exit $((failed > 0))
}
