using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Consensus;

/// <summary>What became of an entry that was offered.</summary>
public enum Submission
{
    Accepted,

    /// <summary>Pending already, or finalised not long ago.</summary>
    Known,

    /// <summary>The application calls it invalid.</summary>
    Invalid,

    /// <summary>This origin's share of the pool is used up: try again when blocks were finalised.</summary>
    Full,
}

/// <summary>Entries that wait for a block, oldest first. Each member's gossip has its own share, so that nobody crowds the others
/// out.</summary>
/// <remarks>Forgets safely: an entry finalised long ago may come in again, and the application's replay cache meets it.</remarks>
internal sealed class PendingPool(int committeeSize)
{
    private readonly SortedDictionary<ulong, (Entry Entry, MemberId Origin)> _entries = [];
    private readonly Dictionary<Digest, ulong> _numbers = [];
    private readonly Dictionary<MemberId, (int Count, long Bytes)> _shares = [];
    private readonly HashSet<Digest> _recent = [];
    private readonly Queue<Digest> _recentOrder = new();
    private readonly int _shareOfEntries = Limits.MaxPoolEntries / committeeSize;

    // One entry fits, however large the committee.
    private readonly int _shareOfBytes = Math.Max(Limits.MaxPoolBytes / committeeSize, Limits.MaxEntry);
    private ulong _next;

    public int Count => _entries.Count;

    public Submission Add(Entry entry, MemberId origin)
    {
        if (_numbers.ContainsKey(entry.Hash) || _recent.Contains(entry.Hash)) return Submission.Known;
        var (count, bytes) = _shares.GetValueOrDefault(origin);
        if (count >= _shareOfEntries || bytes + entry.Body.Length > _shareOfBytes) return Submission.Full;
        _shares[origin] = (count + 1, bytes + entry.Body.Length);
        _numbers[entry.Hash] = _next;
        _entries[_next++] = (entry, origin);
        return Submission.Accepted;
    }

    /// <summary>Whether some entry is not among the excluded ones.</summary>
    public bool Any(IReadOnlySet<Digest> excluded) => _entries.Values.Any(pending => !excluded.Contains(pending.Entry.Hash));

    /// <summary>The oldest entries not among the excluded ones, as many as fit.</summary>
    public IReadOnlyList<Entry> Take(IReadOnlySet<Digest> excluded, int maxEntries, int maxBytes)
    {
        var taken = new List<Entry>();
        var room = maxBytes - sizeof(uint);
        foreach (var (entry, _) in _entries.Values)
        {
            if (taken.Count == maxEntries) break;
            var size = entry.Body.Length + sizeof(byte) + sizeof(uint);
            if (size > room || excluded.Contains(entry.Hash)) continue;
            taken.Add(entry);
            room -= size;
        }
        return taken;
    }

    public void Finalized(IEnumerable<Digest> entries)
    {
        foreach (var hash in entries)
        {
            Remove(hash);
            if (!_recent.Add(hash)) continue;
            _recentOrder.Enqueue(hash);
            if (_recentOrder.Count > Limits.MaxRecentEntries) _recent.Remove(_recentOrder.Dequeue());
        }
    }

    /// <summary>Takes the entry again if it comes again.</summary>
    public void Forget(Digest finalized) => _recent.Remove(finalized);

    private void Remove(Digest hash)
    {
        if (!_numbers.Remove(hash, out var number) || !_entries.Remove(number, out var pending)) return;
        var (count, bytes) = _shares[pending.Origin];
        _shares[pending.Origin] = (count - 1, bytes - pending.Entry.Body.Length);
    }
}
