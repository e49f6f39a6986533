using System.Globalization;
using Protean.Client;
using Protean.Codec;
using Protean.Units.State;

namespace Protean.Cli.Chaos;

/// <summary>An entry of the state unit that several clients write, all by one owner's key.</summary>
/// <param name="name">In the history.</param>
/// <param name="owner">Stays the caller's.</param>
internal sealed class Register(string name, Identity owner)
{
    // A history is searched whole for each key, so no key's grows with the run.
    private const int OperationsOfKey = 500;

    private int _operations;

    public Identity Owner => owner;

    /// <summary>The key to be used now: by its name in the history, and in full.</summary>
    public (string Name, Bytes Full) Use()
    {
        var generation = (Interlocked.Increment(ref _operations) / OperationsOfKey).ToString(CultureInfo.InvariantCulture);
        return KeyOf(generation);
    }

    public (string Name, Bytes Full) KeyOf(string path) => ($"{name}/{path}", UserKeys.Full(owner.PublicKey, System.Text.Encoding.ASCII.GetBytes(path)));
}
