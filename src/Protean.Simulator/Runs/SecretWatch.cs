using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Simulator.Campaigns;

namespace Protean.Simulator.Runs;

/// <summary>A unit as it is, that shows the run which keys its members hold.</summary>
internal sealed class ObservedUnit(IFunctionalUnit unit) : IFunctionalUnit
{
    private readonly SortedDictionary<MemberId, IMembership> _members = [];

    public string Name => unit.Name;
    public IReadOnlyList<Transaction> Transactions => unit.Transactions;
    public IReadOnlyList<string> KeyPurposes => unit.KeyPurposes;

    public void Join(IMembership membership)
    {
        _members[membership.Self] = membership;
        unit.Join(membership);
    }

    public ThresholdKey? KeyOf(MemberId member, string purpose) => _members.TryGetValue(member, out var joined) ? joined.Key(purpose) : null;
}

/// <summary>Watches that secrets stay where they are: in no frame, on no disk, and beyond what t-1 members could put together.</summary>
/// <param name="hidden">What clients keep from members.</param>
internal sealed class SecretWatch(ObservedUnit unit, Surroundings network, Func<IEnumerable<MemberId>> judged, IReadOnlyList<byte[]> hidden)
{
    private readonly List<byte[]> _secrets = [.. network.Committee.Ids.Select(id => Copy(Surroundings.EncryptionKey(id)))];
    private readonly HashSet<(MemberId, string)> _known = [];

    /// <summary>A frame of an honest member.</summary>
    public void Sent(MemberId member, byte[] frame)
    {
        Learn();
        Invariants.SecretsKept.Require(!Holds(frame), () => $"member {member} sends a secret");
    }

    public void End(Func<MemberId, IStore> storeOf)
    {
        Learn();
        foreach (var id in judged())
            Invariants.SecretsKept.Require(
                storeOf(id).Scan(Bytes.Empty).All(pair => !Holds(pair.Value.ToArray())), () => $"the disk of member {id} holds a secret as it is");
        foreach (var purpose in unit.KeyPurposes) NeedsThreshold(purpose);
    }

    // A share is a secret from the moment that its member has it.
    private void Learn()
    {
        foreach (var purpose in unit.KeyPurposes)
            foreach (var id in judged())
                if (!_known.Contains((id, purpose)) && unit.KeyOf(id, purpose)?.Share is { } share)
                {
                    _known.Add((id, purpose));
                    _secrets.Add(Copy(share));
                }
    }

    private bool Holds(byte[] bytes) => _secrets.Concat(hidden).Any(secret => bytes.AsSpan().IndexOf(secret) >= 0);

    // t-1 honest shares stand for what t-1 members have: they must not give the key, and t must.
    private void NeedsThreshold(string purpose)
    {
        var threshold = (network.Committee.Size / 2) + 1;
        var keys = judged().Select(id => unit.KeyOf(id, purpose)).OfType<ThresholdKey>().Where(static key => key.Share is not null).ToArray();
        if (keys.Length < threshold) return;
        var publicKey = keys[0].Public.PublicKey;
        Invariants.SecretsKept.Require(
            keys[0].Public.Threshold == threshold && Combine(keys[..(threshold - 1)]) != publicKey, () => $"{threshold - 1} members have the secret of the key '{purpose}'");
        Invariants.SecretsKept.Require(Combine(keys[..threshold]) == publicKey, () => $"{threshold} members do not have the secret of the key '{purpose}'");
    }

    private static Point Combine(ThresholdKey[] keys)
    {
        ushort[] indices = [.. keys.Select(static key => key.Self.Index)];
        Point[] values = [.. keys.Select(static key => key.Share!.MultiplyBase())];
        return Lagrange.Combine(indices, values, SodiumMultiScalar.Instance);
    }

    private static byte[] Copy(SecretScalar secret)
    {
        var bytes = new byte[Scalar.Size];
        secret.CopyTo(bytes);
        return bytes;
    }
}
