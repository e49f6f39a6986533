using Protean.Codec;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units.Randomness;

/// <summary>Random values under way (protocols 4.1).</summary>
public static class Draws
{
    /// <summary>The value of a request.</summary>
    public static ISharedResult OfRequest(ThresholdKey key, Digest replayKey, Digest inputsDigest, IRandom random) =>
        Of(key, Dvrf.RequestMessage(replayKey, inputsDigest), [], random);

    /// <summary>The value of a beacon round.</summary>
    public static ISharedResult OfBeacon(ThresholdKey key, ulong round, IRandom random) =>
        Of(key, Dvrf.BeaconMessage(round), [new(RandomnessTransactions.Round, Values.OfU64(round))], random);

    private static SharedMultipleResult Of(ThresholdKey key, byte[] message, IReadOnlyList<NamedValue> named, IRandom random)
    {
        var function = new Dvrf(key.KeyId, key.Public, SodiumMultiScalar.Instance);
        var input = function.Input(message);
        return new SharedMultipleResult(
            key, input.Multiple,
            value => new Outputs([.. named, new(RandomnessTransactions.Value, Bytes.Wrap(function.Output(input, value)))]), random);
    }
}
