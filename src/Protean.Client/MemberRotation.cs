using Protean.Client.Api;
using Protean.Runtime;

namespace Protean.Client;

/// <summary>A reply that a member of the unit must not have given: it does not verify. Another member is asked.</summary>
internal sealed class UnverifiedReplyException(Refusal refusal) : Exception(refusal.ToString())
{
    public Refusal Refusal { get; } = refusal;
}

/// <summary>The order in which members of a unit are asked: the one that answered last comes first.</summary>
/// <param name="members">All that can be reached.</param>
/// <param name="faulty">f: as many may lie.</param>
internal sealed class MemberRotation(IReadOnlyList<NodeApi> members, int faulty)
{
    private int _first;

    public IReadOnlyList<NodeApi> All => members;
    public int Count => members.Count;
    public int First => Volatile.Read(ref _first);
    public NodeApi this[int turn] => members[turn % members.Count];

    public void Answered(int turn) => Volatile.Write(ref _first, turn % members.Count);

    /// <summary>Spreads clients over members.</summary>
    public void StartAt(int member) => _first = member % members.Count;

    public Refusals BeginRefusals() => new(faulty + 1);

    /// <summary>What members refused in one call. One member's word is not believed; that of more than may lie is.</summary>
    internal sealed class Refusals(int needed)
    {
        private readonly Dictionary<string, HashSet<NodeApi>> _byCode = new(StringComparer.Ordinal);

        /// <returns>Whether enough members said the same.</returns>
        public bool Add(NodeApi member, Refusal refusal)
        {
            if (!_byCode.TryGetValue(refusal.Code, out var said)) _byCode.Add(refusal.Code, said = []);
            said.Add(member);
            return said.Count >= needed;
        }
    }
}
