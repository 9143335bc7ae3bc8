def build():
    raise NotImplementedError
