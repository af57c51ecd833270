//! Runs a program under callgrind such that every machine counts the same instructions, and reads the counts.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The functions whose instructions are counted, with all that they call.
const COUNTED: &str = "*emberdrift_cost*count_*";

/// glibc picks its `memcpy` and the like by the processor. Without these features it takes those of SSE2, which every
/// x86-64 processor has (seen in callgrind's list of functions, on glibc 2.36).
const GLIBC_TUNABLES: &str = "glibc.cpu.hwcaps=-AVX2,-AVX,-AVX_Fast_Unaligned_Load,-SSSE3,-SSE4_1,-SSE4_2,-ERMS,\
     -FSRM,-BMI2:glibc.cpu.x86_non_temporal_threshold=0xc0000:glibc.cpu.x86_rep_movsb_threshold=0x800";

/// `program` under callgrind, which leaves its counts in `out`.
pub(super) fn command(program: &Path, warm_up_ticks: &str, out: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--demangle=no", "--quiet"]);
    command.arg(format!("--toggle-collect={COUNTED}")).arg(format!("--callgrind-out-file={}", out.display()));
    command.arg(program).args(["--warm-up", warm_up_ticks]).env("GLIBC_TUNABLES", GLIBC_TUNABLES);
    command
}

/// The instructions of each function `count_NAME` in a callgrind file, with all that it calls, by `NAME`.
///
/// In such a file `fn=(NUMBER) SYMBOL` begins a function, the symbol only where the number is first used. Lines that end
/// in a number, and have no `=`, are costs: the function's own, or a call's with all below it.
pub(super) fn counts(text: &str) -> BTreeMap<String, u64> {
    let mut names = BTreeMap::new();
    let mut counts = BTreeMap::new();
    let mut function = "";
    for line in text.lines() {
        if let Some((key @ ("fn" | "cfn"), value)) = line.split_once('=') {
            let (number, symbol) = value.split_once(' ').unwrap_or((value, ""));
            if !symbol.is_empty() {
                names.insert(number, symbol);
            }
            if key == "fn" {
                function = number;
            }
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first))
            && let Some(name) = names.get(function).and_then(|symbol| counted(symbol))
            && let Some(cost) = line.split(' ').nth(1).and_then(|cost| cost.parse::<u64>().ok())
        {
            *counts.entry(name.to_owned()).or_default() += cost;
        }
    }
    counts
}

/// `NAME` of a mangled symbol with `count_NAME` in it; a hash may follow.
fn counted(symbol: &str) -> Option<&str> {
    let (_, name) = symbol.split_once("count_").filter(|_| symbol.contains("emberdrift_cost"))?;
    // Old mangling goes on with the length of the next part, new mangling ends or goes on with a capital.
    let end = name.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_').unwrap_or(name.len());
    Some(&name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_of_a_function_are_its_own_and_its_calls() {
        let text = "events: Ir\n\nfn=(1) main\n0 5\ncfn=(2) _ZN15emberdrift_cost5world15count_ship_step17h1E\n\
                    calls=2 0\n0 700\n\nfn=(2)\n0 100\n+3 20\ncfn=(3) memcpy\ncalls=9 0\n* 580\n\nfn=(3)\n0 580\n\
                    \ntotals: 705\n";
        assert_eq!(counts(text), BTreeMap::from([("ship_step".to_owned(), 700)]));
    }

    #[test]
    fn names_are_read_from_either_mangling() {
        assert_eq!(counted("_ZN15emberdrift_cost6client18count_client_frame17h3cE"), Some("client_frame"));
        assert_eq!(counted("_RNvNtCs4fq_15emberdrift_cost5world15count_ship_step"), Some("ship_step"));
        assert_eq!(counted("_dl_count_modids"), None);
    }
}
