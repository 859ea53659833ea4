/// Finds what somebody meant to write.
package enum NearestName {
    /// The candidate with the fewest edits to `name`; the first of equals.
    package static func find(_ name: String, in candidates: [String]) -> (name: String, distance: Int)? {
        candidates.map { (name: $0, distance: NearestName.distance(name, $0)) }.min { $0.distance < $1.distance }
    }

    /// The number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
    package static func distance(_ first: String, _ second: String) -> Int {
        let first = Array(first)
        let second = Array(second)
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for (row, character) in first.enumerated() {
            var current = [row + 1]
            for (column, other) in second.enumerated() {
                var best = min(last[column] + (character == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, character == second[column - 1], first[row - 1] == other {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[second.count]
    }
}
